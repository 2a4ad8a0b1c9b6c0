"""Measuring a checkpoint: fixed questions, intervals, no learning."""
