"""Readers of other people's models, each compared with the model's own runtime."""
