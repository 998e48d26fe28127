"""Charles et al., A Geometric Perspective on the Transferability of Adversarial Directions."""
