"""Polyhedra: their shape, and their generators."""
