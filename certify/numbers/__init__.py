"""Rational numbers and elimination over them."""
