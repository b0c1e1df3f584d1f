"""Measurements, never tests: `python -m tests.benchmarks [NAME]` prints a table, `--json PATH` keeps the figures."""
