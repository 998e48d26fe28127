"""What several claims of Zou et al. share."""
