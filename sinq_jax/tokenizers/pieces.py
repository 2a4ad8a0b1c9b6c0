"""What a published vocabulary must do; the file formats fill it in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

_LIKE_A_CONTROL = re.compile(r"<\|.+\|>|<(?:start|end)_of_turn>", re.DOTALL)

RAW_BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
"""Pieces that stand for one byte each, where a vocabulary falls back to bytes."""


class Pieces(Protocol):
    """Texts to the vocabulary's own ids and back, as ``Tokenizer`` has it.

    ``named`` has the texts of special tokens by name (``bos_token``), ``controls`` the ids of all
    that only a template may write by text. Ids of text are below ``size``; the ids of ``lead``
    begin every text of the model.
    """

    named: Mapping[str, str]
    controls: Mapping[str, int]
    size: int
    lead: list[int]

    def encode(self, text: str) -> list[int]: ...

    def encode_around(self, texts: Sequence[str], controls: Sequence[str]) -> list[int]:
        """A text that has ``controls`` between ``texts``, of which there is one more."""

    def decode(self, ids: Iterable[int]) -> str: ...

    def settled(self, ids: Sequence[int]) -> str: ...


def like_a_control(name: str) -> bool:
    """Whether a token says by its form that it is a control token. Some publishers do not declare
    all of them special: in Qwen 2.5 those that fill in the middle of code are not.
    """
    return _LIKE_A_CONTROL.fullmatch(name) is not None


def in_utf8(text: str) -> str:
    """The text with a question mark for what UTF-8 cannot hold: half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()
