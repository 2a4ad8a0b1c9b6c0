"""Games and training sets out of a run, in formats that other programs read."""
