"""What a browser says of the built book; ``axe.min.js`` is axe-core 4.14.1 by Deque Systems (MPL 2.0), unchanged."""
