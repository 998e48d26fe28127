"""Faults put into solvers and runs, which must not change an answer."""
