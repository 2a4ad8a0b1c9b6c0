"""Encodes a text in which some places are control tokens and nothing else can be taken for one."""

from collections.abc import Sequence

from tokenizers import AddedToken
from tokenizers import Tokenizer as Backend

_PRIVATE_USE = range(0x100000, 0x10FFFE)
"""Characters without a meaning: one that the texts do not have marks the places."""


class Marks:
    """Single characters that a tokenizer reads as tokens of their own, beyond its vocabulary.

    The library encodes the whole text at once, so it does at a mark what it would do at the control
    token: drops white space beside it or not, takes what follows for the beginning of a text or
    not. ``controls`` say what their tokens do. ``backend`` has to read special tokens as text, and
    marks are not special while they are in use.
    """

    def __init__(self, backend: Backend, controls: Sequence[AddedToken]) -> None:
        self._backend = backend
        self._strips = {token.content: (token.lstrip, token.rstrip) for token in controls}
        self._marks: dict[tuple[bool, bool], str] = {}

    def encode(self, texts: Sequence[str], names: Sequence[str]) -> list[int | str]:
        """The ids of the texts, of which there is one more, with the names between them. A name
        that is no control token only keeps the texts apart.
        """
        said = frozenset().union(*texts)
        self._retire(said)
        marks = [self._mark(self._strips.get(name, (False, False)), said) for name in names]
        text = "".join(part for pair in zip(texts, [*marks, ""], strict=True) for part in pair)
        places = {self._backend.token_to_id(mark) for mark in marks}
        order = iter(names)
        ids = self._backend.encode(text, add_special_tokens=False).ids
        return [next(order) if token in places else token for token in ids]

    def _retire(self, said: frozenset[str]) -> None:
        """Has the marks that the texts themselves have read as text, from now on."""
        for strips, mark in list(self._marks.items()):
            if mark in said:
                self._backend.add_special_tokens([AddedToken(mark, special=True, normalized=False)])
                del self._marks[strips]

    def _mark(self, strips: tuple[bool, bool], said: frozenset[str]) -> str:
        if strips not in self._marks:
            free = (char for char in map(chr, _PRIVATE_USE) if char not in said)
            mark = next(char for char in free if self._backend.token_to_id(char) is None)
            options = {"lstrip": strips[0], "rstrip": strips[1], "normalized": False}
            self._backend.add_tokens([AddedToken(mark, special=False, **options)])
            self._marks[strips] = mark
        return self._marks[strips]
