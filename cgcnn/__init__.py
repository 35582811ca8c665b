"""Crystal graph convolutional networks whose element, environment and local-energy levels can be read."""
