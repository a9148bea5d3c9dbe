"""Executors: agents and functions by name, run in this process, in worker processes, or on Ray."""
