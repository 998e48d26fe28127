"""The papers' claims as executable proofs, one module each."""
