"""Float experiments with torch and scikit-learn: training, attacks, and how attacks transfer.

Everything here is of grade *float*: it measures and proposes. Whatever matters is decided again
by exact arithmetic on the trained weights, elsewhere.
"""
