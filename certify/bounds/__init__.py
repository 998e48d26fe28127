"""Claims about all inputs of a box: what is asked, bounds in floats and exactly, and the search."""
