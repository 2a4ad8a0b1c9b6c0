"""One line of a file, read as what it is: a chat of the authors, a pair, a game, or what a game
published.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sinq_jax.game.jsonl import game_from_plain
from sinq_jax.game.published import (
    Published,
    PublishedError,
    publish,
    published_from_plain,
    published_game,
)
from sinq_jax.game.release import level_told, published_chat


class UnknownLineError(ValueError):
    """The line is of no known format; the message says what it is."""


class FaultyLineError(ValueError):
    """The line is of a known format and yet holds no proof; the message says what is missing."""


def read_line(line: bytes) -> Published | None:
    """Return what one line publishes, None for a game that claims nothing.

    Raises UnknownLineError or FaultyLineError for what cannot be read.
    """
    try:
        plain = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnknownLineError("not JSON") from error
    if not isinstance(plain, dict):
        raise UnknownLineError("not a JSON object")
    for keys, reader in _READERS.items():
        if plain.keys() >= keys:
            return _read(reader, plain)
    raise UnknownLineError(f"a JSON object with the keys {', '.join(map(repr, plain))[:200]}")


def _read(
    reader: Callable[[Mapping[str, Any]], Published | None], plain: Mapping[str, Any]
) -> Published | None:
    try:
        return reader(plain)
    except PublishedError as error:
        raise FaultyLineError(str(error)) from error
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        fault = f"no key {error}" if isinstance(error, KeyError) else str(error)
        raise FaultyLineError(f"a game with {fault}") from error


def _pair(plain: Mapping[str, Any]) -> Published:
    keys = ("function_name", "program", "variant", "diverging_input")
    entry_point, original, variant, own = (plain[key] for key in keys)
    measured = plain.get("difficulty")
    level = None if measured is None else level_told(measured)
    return publish(entry_point, original, variant, own, level)


def _game(plain: Mapping[str, Any]) -> Published | None:
    return published_game(game_from_plain(plain))


_READERS: dict[frozenset[str], Callable[[Mapping[str, Any]], Published | None]] = {
    frozenset(("messages",)): published_chat,
    frozenset(("function_name", "program", "variant", "diverging_input")): _pair,
    frozenset(("round", "program", "proposal", "admission")): _game,
    frozenset(("entry_point", "original", "variant", "input", "level")): published_from_plain,
}
