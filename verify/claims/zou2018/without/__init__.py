"""What breaks the claims of Zou et al. when a hypothesis is left out."""
