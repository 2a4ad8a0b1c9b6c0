"""Encodes a text in which some places are control tokens and nothing else can be taken for one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from tokenizers import AddedToken
from tokenizers import Tokenizer as Backend

_PRIVATE_USE = range(0x100000, 0x10FFFE)
"""Characters without a meaning: one that the texts do not have marks the places."""


class Marks:
    """A copy of a tokenizer that reads single characters as tokens.

    The library encodes the whole text at once, so it does at a mark what it would do at the control
    token: drops white space beside it or not, takes what follows for the beginning of a text or
    not. ``controls`` say by name what their tokens do.
    """

    def __init__(self, backend: Backend, controls: Mapping[str, AddedToken]) -> None:
        self._copy = Backend.from_str(backend.to_str())
        self._copy.encode_special_tokens = True
        self._controls = controls
        self._free = (char for char in map(chr, _PRIVATE_USE) if backend.token_to_id(char) is None)
        self._made: defaultdict[tuple[bool, bool], list[str]] = defaultdict(list)

    def encode(self, texts: Sequence[str], names: Sequence[str]) -> list[int | str]:
        """The ids of the texts, of which there is one more, with the names between them. A name
        that is no control token only keeps the texts apart.
        """
        marks = [self._mark(name, texts) for name in names]
        text = "".join(part for pair in zip(texts, [*marks, ""], strict=True) for part in pair)
        places = {self._copy.token_to_id(mark) for mark in marks}
        order = iter(names)
        ids = self._copy.encode(text, add_special_tokens=False).ids
        return [next(order) if token in places else token for token in ids]

    def _mark(self, name: str, texts: Sequence[str]) -> str:
        control = self._controls.get(name)
        strips = (control.lstrip, control.rstrip) if control else (False, False)
        marks = chain(self._made[strips], self._new(*strips))
        return next(mark for mark in marks if not any(mark in text for text in texts))

    def _new(self, lstrip: bool, rstrip: bool) -> Iterator[str]:
        for mark in self._free:
            token = AddedToken(mark, lstrip=lstrip, rstrip=rstrip, normalized=False, special=False)
            self._copy.add_tokens([token])
            self._made[lstrip, rstrip].append(mark)
            yield mark
