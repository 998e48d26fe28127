"""Certificates with one change each, which must be refused."""
