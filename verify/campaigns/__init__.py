"""Many seeded instances, on one machine or on many."""
