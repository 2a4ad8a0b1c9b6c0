"""Published benchmarks: items from files, prompts and comparisons, scorers; texts, no models."""
