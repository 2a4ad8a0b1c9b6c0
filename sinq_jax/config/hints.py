"""Values of a type hint: how they are named in words, read from text, and told from others.

The hints a setting may have: ``bool``, ``int``, ``float``, ``str``, ``Literal`` of texts,
``tuple[X, ...]`` and ``X | None``.
"""

import math
import types
import typing
from typing import Any, Literal, cast


def words_for(hint: Any) -> str:
    """Return what a value of ``hint`` is called in a message: ``a whole number``."""
    options = _options(hint)
    if options is not None:
        return " or ".join(words_for(option) for option in options)
    if typing.get_origin(hint) is Literal:
        return " or ".join(str(choice) for choice in typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        return f"a comma-separated list, each {words_for(typing.get_args(hint)[0])}"
    words = {bool: "True or False", int: "a whole number", float: "a number", str: "a text"}
    return "None" if hint is type(None) else words[hint]


def read(hint: Any, text: str) -> object:
    """Read a value from the command line; ValueError when the text has no such value."""
    options = _options(hint)
    if options is not None:
        if text == "None":
            return None
        return read(next(each for each in options if each is not type(None)), text)
    if hint is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if hint is int or hint is float:
        return hint(text)
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        return tuple(read(item, part) for part in text.split(",") if part)
    return text


def accept(hint: Any, value: object) -> object:
    """Return ``value`` as ``hint`` wants it; ValueError when it is of another type."""
    options = _options(hint)
    if options is not None:
        if value is None and type(None) in options:
            return None
        return accept(next(each for each in options if each is not type(None)), value)
    if typing.get_origin(hint) is Literal:
        if value in typing.get_args(hint):
            return value
    elif typing.get_origin(hint) is tuple and isinstance(value, tuple | list):
        return tuple(accept(typing.get_args(hint)[0], each) for each in value)
    elif hint is float and type(value) in (int, float):
        number = float(cast(float, value))
        if math.isfinite(number):
            return number
    elif type(value) is hint:
        return value
    raise ValueError


def _options(hint: Any) -> tuple[Any, ...] | None:
    """Return the members of ``X | None`` and other unions; None for a type that is no union."""
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if is_union else None
