"""Certificates: what they are, and how each kind is made."""
