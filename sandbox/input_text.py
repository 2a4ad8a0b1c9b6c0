"""The canonical text of an input, and the order in which a small input comes first.

An input is the text of a dict literal of keyword arguments: ``{"x": 3, "s": "ab"}``. Canonical
means double quotes, ``", "`` and ``": "`` between the parts, numbers as Python writes them.
"""

import json
import math
from collections.abc import Iterable, Mapping

from sandbox.inputs import FOREIGN
from sandbox.syntax import literal

SizeKey = tuple[int, int, str]


def input_text(arguments: Mapping[str, object]) -> str:
    """The canonical text of ``arguments``.

    ``ast.literal_eval`` of the text gives equal arguments back. Raises ``ValueError`` where a value
    has no literal (an object, NaN).
    """
    return value_text(dict(arguments))


def arguments_of(text: str) -> dict[str, object]:
    """The arguments that an input writes out.

    Raises ``ValueError`` where ``text`` is not the literal of a dict with string keys.
    """
    value = literal(text)
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"input: expected a dict literal with string keys, got {text[:80]!r}")
    return value


def value_text(value: object) -> str:
    """The canonical literal of plain data. Raises ``ValueError`` where there is none."""
    return _json_text(value) or _literal_text(value)


def _json_text(value: object) -> str | None:
    """The same of lists and dicts that JSON spells as Python does, in a quarter of the time; None
    of all else.
    """
    if not isinstance(value, list | dict):
        return None
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    # Reading it back tells tuples, and keys that are no texts, from what JSON makes of them.
    alike = text.isascii() and text.isprintable() and not any(each in text for each in FOREIGN)
    return text if alike and json.loads(text) == value else None


def _literal_text(value: object) -> str:
    if value is None or isinstance(value, bool | int | bytes):
        return repr(value)
    if isinstance(value, str):
        plain = value.isprintable() and not {'"', "\\"} & {*value}
        return f'"{value if plain else "".join(map(_escaped, value))}"'
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, complex):
        # A sum has no negative zero, so adding zero first makes the text a fixed point.
        real, imaginary = _float_text(value.real + 0.0), _float_text(value.imag + 0.0)
        return f"({real}+{imaginary}j)".replace("+-", "-")
    return _container_text(value)


def size_key(text: str) -> SizeKey:
    """A sort key: fewer elements first, then numbers nearer to zero (0, 1, -1, 2, ...), then text.

    ``text`` that is no literal sorts after everything that is.
    """
    try:
        value = literal(text)
    except ValueError:
        return (2**63, len(text), text)
    return size_key_of(value, text)


def size_key_of(value: object, text: str) -> SizeKey:
    """``size_key`` of the ``text`` that writes out ``value``, for who has both: without parsing."""
    length, scalars = _size(value.values() if isinstance(value, dict) else [value])
    return (length, scalars, text)


def _escaped(character: str) -> str:
    return '\\"' if character == '"' else repr(character)[1:-1]


def _float_text(value: float) -> str:
    if math.isnan(value):
        raise ValueError("input: expected plain data, got NaN, which has no literal")
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    return repr(value)


def _container_text(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal_text, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_literal_text, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, set):
        return "{" + ", ".join(sorted(map(_literal_text, value))) + "}" if value else "set()"
    if isinstance(value, dict):
        items = (f"{_literal_text(key)}: {_literal_text(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    raise ValueError(f"input: expected plain data, got {type(value).__name__}")


def _size(values: Iterable[object]) -> tuple[int, int]:
    """Elements in all containers below ``values``, and the summed rank of the scalars in them."""
    length = scalars = 0
    stack = list(values)
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            length += len(value)
            stack += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            length += len(value)
            stack += value
        elif isinstance(value, str | bytes):
            length += len(value)
            scalars += sum(
                map(_character_rank, value if isinstance(value, str) else value.decode("latin1"))
            )
        else:
            scalars += _number_rank(value)
    return length, scalars


def _character_rank(character: str) -> int:
    """Small letters from ``a`` on, then everything else by code point."""
    return ord(character) - ord("a") if "a" <= character <= "z" else 26 + ord(character)


def _number_rank(value: object) -> int:
    if value is None or value is False:
        return 0
    if isinstance(value, int):
        return 2 * abs(value) - (value > 0)
    if isinstance(value, float) and math.isfinite(value):
        return 2 * math.ceil(abs(value)) + (not value.is_integer())
    return 2**63
