"""Inputs: the text of a dict literal, parsed and never executed."""

from __future__ import annotations

import ast
import marshal
import sys
import warnings
from dataclasses import dataclass

from sandbox.programs import RejectedError


@dataclass(frozen=True)
class Input:
    """Keyword arguments: their names, and their values as bytes that a child unpacks."""

    names: frozenset[str]
    packed: bytes


def parse_input(text: str, limit_bytes: int) -> Input:
    """Return the keyword arguments that a dict literal spells; raise RejectedError if none."""
    if len(text.encode("utf-8", "surrogatepass")) > limit_bytes:
        raise RejectedError("input too long")
    digits = sys.get_int_max_str_digits()
    try:
        sys.set_int_max_str_digits(0)  # the length of the text is the bound
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(ast.parse(text.strip(), "input", "eval"))
        packed = marshal.dumps(value)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError, OverflowError):
        raise RejectedError("not a dict literal") from None
    finally:
        sys.set_int_max_str_digits(digits)
    if type(value) is not dict or not all(type(key) is str for key in value):
        raise RejectedError("not a dict literal")
    return Input(frozenset(value), packed)
