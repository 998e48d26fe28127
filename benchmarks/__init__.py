"""Benchmarks: one module per job, each compared with the peers that are installed."""
