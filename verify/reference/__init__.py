"""The reference: proofs to be read, and figures to be tried."""
