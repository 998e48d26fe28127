"""Linear programs, decided exactly."""
