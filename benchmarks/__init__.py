"""Time per training step as a ratio to a named peer, measured in one run: python -m benchmarks."""
