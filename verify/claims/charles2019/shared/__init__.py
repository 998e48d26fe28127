"""What several claims of Charles et al. share."""
