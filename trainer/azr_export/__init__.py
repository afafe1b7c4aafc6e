"""Writes a run's curves for TensorBoard. It does not read the run: points come
on standard input.
"""
