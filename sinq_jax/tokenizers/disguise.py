"""Keeps what others wrote apart from what a chat template wrote, when both are one text.

A chat template is a program over strings: it cannot be asked which part of its text came from
where. So before it runs, everything in the messages that could be read as a control token, or as an
end of one, gets a stand-in for one of its characters; then every control token in what it wrote is
its own.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

_PRIVATE_USE = range(0xF0000, 0xFFFFE)
"""Characters without a meaning, of which there are more than any chat uses."""


class Controls:
    """The texts of control tokens, found from left to right, the longest first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)
        self._begins = frozenset(name[:n] for name in self._names for n in range(1, len(name)))
        self._ends = frozenset(name[-n:] for name in self._names for n in range(1, len(name)))
        firsts = "".join(re.escape(first) for first in {name[0] for name in self._names})
        self._first = re.compile(f"[{firsts}]" if firsts else "(?!)")

    def split(self, text: str) -> tuple[list[str], list[str]]:
        """The texts before, between and after the control tokens, and the control tokens."""
        texts, names, end = [], [], 0
        for start, name in self._found(text):
            texts.append(text[end:start])
            names.append(name)
            end = start + len(name)
        return [*texts, text[end:]], names

    def readable_at(self, text: str) -> set[int]:
        """Places of one character of every control token in ``text``, and of the beginning or end
        of one at its edges, which could meet the rest of it there.
        """
        places = {start for start, _ in self._found(text)}
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        if start < end:
            longest = self._lengths[0] if self._lengths else 0
            if any(text[start : start + n] in self._ends for n in range(1, longest)):
                places.add(start)
            if any(text[max(start, end - n) : end] in self._begins for n in range(1, longest)):
                places.add(end - 1)
        return places

    def _found(self, text: str) -> Iterator[tuple[int, str]]:
        place = 0
        while match := self._first.search(text, place):
            start = match.start()
            cuts = (text[start : start + n] for n in self._lengths)
            name = next((cut for cut in cuts if cut in self._names), None)
            if name is not None:
                yield start, name
            place = start + len(name or "x")


class Disguise:
    """Stand-ins that occur nowhere in ``said``, the texts of one chat and its template."""

    def __init__(self, controls: Controls, said: Iterable[str]) -> None:
        self._controls = controls
        used = frozenset().union(*said)
        self._free = (char for char in map(chr, _PRIVATE_USE) if char not in used)
        self._stand_ins: dict[str, str] = {}

    def hide(self, value: Any) -> Any:
        """``value`` with every text in it disguised, except the keys of objects."""
        if isinstance(value, str):
            places = self._controls.readable_at(value)
            return "".join(
                self._stand_in(char) if place in places else char
                for place, char in enumerate(value)
            )
        if isinstance(value, dict):
            return {key: self.hide(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide(each) for each in value]
        return value

    def reveal(self, text: str) -> str:
        """The text as it was said."""
        return text.translate({ord(by): char for char, by in self._stand_ins.items()})

    def _stand_in(self, char: str) -> str:
        if char not in self._stand_ins:
            self._stand_ins[char] = next(self._free)
        return self._stand_ins[char]


def texts_in(value: Any) -> Iterator[str]:
    """Every text in lists and objects, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts_in(key)
            yield from texts_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each)
