"""Curves of a run for TensorBoard. Does not read the run: the points come on standard input."""
