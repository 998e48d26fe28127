"""Properties in files: what the inputs and outputs of a network shall never be, by VNN-LIB."""
