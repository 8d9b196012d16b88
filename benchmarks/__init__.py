"""Measurements of what the README promises: one module each, run by `python -m benchmarks`. Each prints a table; none asserts anything."""
