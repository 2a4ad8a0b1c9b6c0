"""Conversations as lines of JSON for trainers: ``{"messages": [{"role", "content", "weight"?}]}``.

The shape is that of the release that goes with arXiv 2505.03818, and of most trainers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TextIO

from sinq_jax.game.lines import write_lines


@dataclass(frozen=True)
class Message:
    """One turn of a chat. ``weight`` scales its loss (0: context only); None leaves the key out."""

    role: str
    content: str
    weight: float | None = None


Chat = tuple[Message, ...]
"""One conversation. What its assistant says is learned, unless its weight is 0."""


def message_to_plain(message: Message) -> dict[str, Any]:
    """Return the message as JSON values."""
    plain: dict[str, Any] = {"role": message.role, "content": message.content}
    return plain if message.weight is None else plain | {"weight": message.weight}


def chat_to_plain(chat: Chat) -> dict[str, Any]:
    """Return the chat as JSON values."""
    return {"messages": [message_to_plain(message) for message in chat]}


def write_chats(chats: Iterable[Chat], stream: TextIO) -> int:
    """Write one line per chat and return how many."""
    return write_lines(map(chat_to_plain, chats), stream)
