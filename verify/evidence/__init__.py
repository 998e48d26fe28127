"""What was found, how sure it is, and where it is kept."""
