"""What breaks the claims of Charles et al. when a hypothesis is left out."""
