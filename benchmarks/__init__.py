"""Measurements of the real thing: a real PostgreSQL, real processes, real HTTP. `python -m benchmarks [NAME]`; see README.md."""
