"""Where originals come from, and how inputs, mutants and labelled pairs are made from them."""
