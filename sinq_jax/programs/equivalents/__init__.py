"""Rewrites of a program that leave what it does as it is: by construction, whatever it is given.

An input is any plain data, of the kind that a parameter suggests or not, and an exception counts
with its message. So a rewrite here holds for all types, or where the text alone shows that a value
is a whole number.
"""

from sinq_jax.programs.equivalents.pairs import (
    NONE_MADE,
    EquivalentPair,
    Made,
    make_equivalents,
)
from sinq_jax.programs.equivalents.rewrites import REWRITES, Rewritten, rewrites

__all__ = [
    "NONE_MADE",
    "REWRITES",
    "EquivalentPair",
    "Made",
    "Rewritten",
    "make_equivalents",
    "rewrites",
]
