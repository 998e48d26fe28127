"""Labelled points: maximum margins, separators and the steps that they take."""
