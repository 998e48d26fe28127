"""Experiments on trained models, each paired with the claims it illustrates."""
