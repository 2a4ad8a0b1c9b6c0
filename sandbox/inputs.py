"""Inputs: the text of a dict literal, parsed and never executed."""

from __future__ import annotations

import ast
import json
import marshal
import sys
import warnings
from dataclasses import dataclass
from typing import Any

from sandbox.programs import RejectedError

JSON = json.JSONDecoder()
FOREIGN = ("\\", "true", "false", "null", "NaN", "Infinity")
"""What JSON may hold that Python reads otherwise, or not at all."""
DEEPEST = 100
"""Containers in containers; Python's parser reads 200 and no more."""


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
            value = _value(text)
        packed = marshal.dumps(value)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError, OverflowError):
        raise RejectedError("not a dict literal") from None
    finally:
        sys.set_int_max_str_digits(digits)
    if type(value) is not dict or not all(type(key) is str for key in value):
        raise RejectedError("not a dict literal")
    return Input(frozenset(value), packed)


def _value(text: str) -> Any:
    """Return what a literal spells; raise ValueError and others where it is none.

    Most are JSON as well, which is read in a tenth of the time.
    """
    if text.isascii() and not any(word in text for word in FOREIGN):
        try:
            value = JSON.decode(text)
        except (ValueError, RecursionError):
            pass  # it may be Python all the same
        else:
            if _is_shallow(value):
                return value
    return ast.literal_eval(ast.parse(text.strip(), "input", "eval"))


def _is_shallow(value: Any) -> bool:
    """Say whether plain data is nested at most `DEEPEST` deep."""
    level: list[Any] = [[value]]
    depth = 0
    while level and depth <= DEEPEST:
        parts = [each.values() if type(each) is dict else each for each in level]
        level = [each for some in parts for each in some if type(each) in (list, dict)]
        depth += 1
    return not level
