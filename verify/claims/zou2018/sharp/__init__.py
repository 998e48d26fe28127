"""Decisions of the sharp forms of Zou et al."""
