"""Labelled examples: digits, images and tables, ours and the user's."""
