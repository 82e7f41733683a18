"""Instances of processes: their steps, tokens, jobs, moments, signals and faults."""
