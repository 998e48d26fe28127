"""Whether certificates prove what they say: checkers that share no code with what makes them."""
