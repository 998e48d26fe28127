"""Decisions of the sharp forms of Charles et al."""
