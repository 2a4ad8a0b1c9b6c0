"""Values as columns of sqlite, exactly: any Python text, and JSON objects."""

import json
from typing import Any

from sinq_jax.game.tables import FormatError


def storable(text: str) -> str | bytes:
    """Return what to store for a text: itself, or bytes where it holds lone surrogates.

    Those have no UTF-8, and sqlite refuses them as text.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def text_of(stored: str | bytes) -> str:
    """Return the text that went into a column."""
    return stored.decode("utf-8", "surrogatepass") if isinstance(stored, bytes) else stored


def to_json(value: dict[str, Any]) -> str | bytes:
    """Return JSON to store that reads back as an equal value; TypeError where none does (tuple)."""
    text = json.dumps(value, ensure_ascii=False)
    if repr(json.loads(text)) != repr(value):
        raise TypeError(f"receipt: expected JSON values (lists, no tuples), got {value!r:.200}")
    return storable(text)


def from_json(stored: str | bytes) -> dict[str, Any]:
    """Return a stored JSON object; FormatError where it was damaged."""
    text = text_of(stored)
    try:
        value = json.loads(text)
    except ValueError as error:
        raise FormatError(f"expected JSON, got {text[:80]!r}; the file is damaged") from error
    if not isinstance(value, dict):
        raise FormatError(f"expected a JSON object, got {text[:80]!r}; the file is damaged")
    return value
