"""The files of an export that hold a line of JSON for each thing."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sinq_jax.export.contents import Contents
from sinq_jax.game.chats import Chat, message_to_plain, write_chats
from sinq_jax.game.jsonl import write_games
from sinq_jax.game.lines import write_lines
from sinq_jax.paper.rows import PreferenceRow

GAMES, PREFERENCES = "games.jsonl", "preferences.jsonl"


def write_files(folder: Path, contents: Contents) -> dict[str, int]:
    """Write all files into ``folder``; return their names with the number of lines of each.

    ``games.jsonl`` has every game whole, ``NAME.chat.jsonl`` the conversations of a set,
    ``preferences.jsonl`` objects ``{"prompt", "chosen", "rejected"}`` with messages each.
    """
    written = {}
    with (folder / GAMES).open("w", encoding="utf-8") as file:
        written[GAMES] = write_games(contents.games(), file)
    for name, chats in contents.chats.items():
        path = folder / f"{name}.chat.jsonl"
        with path.open("w", encoding="utf-8") as file:
            written[path.name] = write_chats(chats(), file)
    with (folder / PREFERENCES).open("w", encoding="utf-8") as file:
        written[PREFERENCES] = write_lines(_plain(contents.preferences()), file)
    return written


def _plain(rows: Iterable[PreferenceRow]) -> Iterable[Mapping[str, Any]]:
    for row in rows:
        parts = {"prompt": row.prompt, "chosen": row.chosen, "rejected": row.rejected}
        yield {name: _messages(chat) for name, chat in parts.items()}


def _messages(chat: Chat) -> list[dict[str, Any]]:
    return [message_to_plain(message) for message in chat]
