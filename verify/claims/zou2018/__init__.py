"""Zou et al., Geometric Universality of Adversarial Examples: softmax heads."""
