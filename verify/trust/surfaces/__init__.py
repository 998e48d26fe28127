"""Every surface that takes input from outside, under hostile input."""
