"""Campaigns that take minutes to hours: thousands of damages, kills, odd inputs and mutations; 'make trust' runs them.

Each campaign is a test with the mark ``trust``. It counts its tries and what went wrong, hands both to
:mod:`tests.trust.record`, and asserts that nothing went wrong. The page on trust shows the record.
"""
