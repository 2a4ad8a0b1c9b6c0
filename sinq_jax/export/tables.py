"""An export as TFDS tables: what their columns are, and a row for each thing."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from sinq_jax.export.contents import Contents
from sinq_jax.game.chats import Chat
from sinq_jax.game.jsonl import game_to_plain
from sinq_jax.game.published import published_game
from sinq_jax.game.records import Game

Row = dict[str, Any]
UNKNOWN = -1
_TEXT = tfds.features.Text()
_MESSAGES = tfds.features.Sequence({"role": _TEXT, "content": _TEXT, "weight": np.float32})


@dataclass(frozen=True)
class Table:
    """Columns, and the rows of each split: the ``train`` one, or one for each set of chats."""

    name: str
    description: str
    features: Mapping[str, Any]
    splits: Mapping[str, Callable[[], Iterator[Row]]]


def tables(contents: Contents) -> list[Table]:
    """Return the tables ``games``, ``chats`` and ``preferences``."""
    chats = {name: partial(_chat_rows, each) for name, each in contents.chats.items()}
    return [
        Table("games", _GAMES, _GAME, {"train": lambda: map(_game_row, contents.games())}),
        Table("chats", _CHATS, {"messages": _MESSAGES}, chats),
        Table(
            "preferences",
            _PREFERENCES,
            dict.fromkeys(("prompt", "chosen", "rejected"), _MESSAGES),
            {"train": lambda: _preference_rows(contents)},
        ),
    ]


_GAMES = (
    "Every game of the run. level is the measured difficulty, -1 where it is unknown; variant and "
    "input are empty where the completion could not be parsed; game is the whole game as JSON."
)
_CHATS = "Conversations for trainers, a split for each set; what has weight 0 is not learned."
_PREFERENCES = "A hard and an easy variant of the same original as answers to one prompt."
_GAME = {
    **dict.fromkeys(("round", "target", "level", "solved", "answers"), np.int32),
    **dict.fromkeys(("program", "entry_point", "original", "variant", "input"), _TEXT),
    **dict.fromkeys(("verdict", "reason", "game"), _TEXT),
    "suspect": np.bool_,
}


def _game_row(game: Game) -> Row:
    published, proposal = published_game(game), game.proposal
    level = published.level if published else None
    return {
        "round": game.round,
        "target": game.target,
        "level": UNKNOWN if level is None else level,
        "solved": game.solved,
        "answers": len(game.answers),
        "program": _bytes(game.program.name),
        "entry_point": _bytes(game.program.entry_point),
        "original": _bytes(game.program.source),
        "variant": _bytes(proposal.variant if proposal else ""),
        "input": _bytes(proposal.input if proposal else ""),
        "verdict": game.admission.verdict,
        "reason": _bytes(game.admission.reason),
        "game": json.dumps(game_to_plain(game)),
        "suspect": game.suspect,
    }


def _chat_rows(chats: Callable[[], Iterator[Chat]]) -> Iterator[Row]:
    return ({"messages": _messages(chat)} for chat in chats())


def _preference_rows(contents: Contents) -> Iterator[Row]:
    for row in contents.preferences():
        parts = {"prompt": row.prompt, "chosen": row.chosen, "rejected": row.rejected}
        yield {name: _messages(chat) for name, chat in parts.items()}


def _messages(chat: Chat) -> list[Row]:
    return [
        {
            "role": message.role,
            "content": _bytes(message.content),
            "weight": 1.0 if message.weight is None else message.weight,
        }
        for message in chat
    ]


def _bytes(text: str) -> bytes:
    """UTF-8; a lone surrogate, which has none, is written out."""
    return text.encode("utf-8", "backslashreplace")
