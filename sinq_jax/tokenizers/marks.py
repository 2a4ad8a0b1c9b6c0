"""Encodes a text in which some places are control tokens and nothing else can be taken for one."""

from collections.abc import Mapping, Sequence

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
        self._backend = backend
        self._controls = controls
        self._renew()

    def encode(self, texts: Sequence[str], names: Sequence[str]) -> list[int | str]:
        """The ids of the texts, of which there is one more, with the names between them. A name
        that is no control token only keeps the texts apart.
        """
        said = frozenset().union(*texts)
        if not said.isdisjoint(self._marks.values()):
            self._renew()
        marks = [self._mark(name, said) for name in names]
        text = "".join(part for pair in zip(texts, [*marks, ""], strict=True) for part in pair)
        places = {self._copy.token_to_id(mark) for mark in marks}
        order = iter(names)
        ids = self._copy.encode(text, add_special_tokens=False).ids
        return [next(order) if token in places else token for token in ids]

    def _renew(self) -> None:
        """A copy without marks: one that the texts have would be read there as well."""
        self._copy = Backend.from_str(self._backend.to_str())
        self._copy.encode_special_tokens = True
        self._marks: dict[tuple[bool, bool], str] = {}

    def _mark(self, name: str, said: frozenset[str]) -> str:
        control = self._controls.get(name)
        strips = (control.lstrip, control.rstrip) if control else (False, False)
        if strips not in self._marks:
            free = (char for char in map(chr, _PRIVATE_USE) if char not in said)
            mark = next(char for char in free if self._copy.token_to_id(char) is None)
            options = {"lstrip": strips[0], "rstrip": strips[1], "normalized": False}
            self._copy.add_tokens([AddedToken(mark, special=False, **options)])
            self._marks[strips] = mark
        return self._marks[strips]
