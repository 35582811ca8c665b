"""Mutations of ``cgcnn/files`` and ``cgcnn/machine``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = ()
