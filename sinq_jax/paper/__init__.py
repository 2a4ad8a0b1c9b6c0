"""The training sets of arXiv 2505.03818, made from the judged variants of all rounds so far."""
