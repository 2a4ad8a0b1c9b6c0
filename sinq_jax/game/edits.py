"""Line edits between two programs: the block that differs, applying it, and both in one listing."""

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Edit:
    """Lines ``first`` to ``last`` of the original (from 1, both included, at least one) give way to
    ``lines``.
    """

    first: int
    last: int
    lines: tuple[str, ...]


def edit_between(original: str, variant: str) -> Edit:
    """The smallest edit that turns ``original`` into ``variant``; a pure insertion takes one
    neighbouring line along.
    """
    old, new = _lines(original), _lines(variant)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if start + tail == len(old):
        start, tail = (start - 1, tail) if start > 0 else (start, tail - 1)
    return Edit(start + 1, len(old) - tail, tuple(new[start : len(new) - tail]))


def apply_edit(original: str, edit: Edit) -> str | None:
    """The original after the edit, ending in a line feed; None where it has no such lines."""
    old = _lines(original)
    if not 1 <= edit.first <= edit.last <= len(old):
        return None
    return "\n".join([*old[: edit.first - 1], *edit.lines, *old[edit.last :]]) + "\n"


def numbered(text: str) -> str:
    """The lines of a program, each after its number."""
    return "\n".join(f"{number} {line}" for number, line in enumerate(_lines(text), start=1))


def merged_listing(original: str, variant: str) -> str:
    """Both programs in one listing: common lines bare, ``-`` lines of the original alone, ``+``
    lines of the variant alone.
    """
    old, new = _lines(original), _lines(variant)
    listing: list[str] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for _, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if old[old_from:old_to] == new[new_from:new_to]:
            listing += old[old_from:old_to]
            continue
        listing += ["-" + line for line in old[old_from:old_to]]
        listing += ["+" + line for line in new[new_from:new_to]]
    return "\n".join(listing)


def _lines(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")
