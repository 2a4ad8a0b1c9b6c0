"""Line edits between two programs: the block that differs, applying one, and both programs in one listing."""

from difflib import SequenceMatcher


def block_between(original: str, variant: str) -> tuple[list[str], list[str]]:
    """The smallest run of original lines, and what replaces it, that turns ``original`` into ``variant``.

    The run is never empty and occurs exactly once in the original, so that its text alone says where it stands:
    context is taken in until both hold.
    """
    old, new = _lines(original), _lines(variant)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    end = len(old) - tail
    while (end == start or _count(old, old[start:end]) != 1) and (start > 0 or end < len(old)):
        if start > 0:
            start -= 1
        else:
            end += 1
    return old[start:end], new[start : len(new) - (len(old) - end)]


def apply_block(original: str, removed: list[str], added: list[str]) -> str | None:
    """The original with the run ``removed`` replaced by ``added``; None unless the run occurs exactly once."""
    old = _lines(original)
    places = [i for i in range(len(old)) if old[i : i + len(removed)] == removed]
    if not removed or len(places) != 1:
        return None
    start = places[0]
    return "\n".join([*old[:start], *added, *old[start + len(removed) :]]) + "\n"


def merged_listing(original: str, variant: str) -> str:
    """Both programs in one listing: common lines bare, ``-`` lines of the original alone, ``+`` lines of the variant alone."""
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


def _count(lines: list[str], run: list[str]) -> int:
    return sum(lines[i : i + len(run)] == run for i in range(len(lines)))
