"""Seeded generators of instances, generic and degenerate."""
