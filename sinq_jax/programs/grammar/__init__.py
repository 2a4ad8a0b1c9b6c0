"""The generated family: small functions ``f`` over ints, lists and strings."""

from sinq_jax.programs.grammar.family import generate, stream

__all__ = ["generate", "stream"]
