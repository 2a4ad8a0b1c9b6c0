"""Measuring a checkpoint: a run's own held-out exam, and published benchmarks; no learning."""
