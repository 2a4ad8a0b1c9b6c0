"""Finished runs side by side: arms, tests over seeds and over held-out pairs, and what is shown."""
