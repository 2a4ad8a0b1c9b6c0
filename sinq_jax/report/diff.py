"""One listing of P with Q's edit: lines that only one of them has, and within them what differs."""

import re
from difflib import SequenceMatcher

from sinq_jax.report.html import Markup, element, joined, shortened

LONGEST_LINE = 400
MOST_LINES = 160
ALIKE = 0.4  # line pairs less alike than this are shown as a whole, not word by word
_WORD = re.compile(r"\w+|\s+|[-+*/%&|^<>=!]+|.")


def diff_listing(original: str, variant: str) -> Markup:
    """Return P with Q's edit marked: ``-`` for lines of P alone, ``+`` for lines of Q alone."""
    old, new = original.rstrip("\n").split("\n"), variant.rstrip("\n").split("\n")
    lines: list[Markup] = []
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[a:b] == new[c:d]:
            lines += [_line("", " ", shortened(line, LONGEST_LINE)) for line in old[a:b]]
        else:
            lines += _replaced(old[a:b], new[c:d])
    if len(lines) > MOST_LINES:
        more = len(lines) - MOST_LINES
        lines = [*lines[:MOST_LINES], _line("", " ", f"… {more} more lines")]
    return element("pre", element("code", lines), class_="diff")


def _replaced(old: list[str], new: list[str]) -> list[Markup]:
    """Lines of P, then lines of Q; where both have as many, each pair is compared word by word."""
    removed = [shortened(line, LONGEST_LINE) for line in old]
    added = [shortened(line, LONGEST_LINE) for line in new]
    if len(old) == len(new):
        pairs = [_pair(before, after) for before, after in zip(removed, added, strict=True)]
        removed, added = [before for before, _ in pairs], [after for _, after in pairs]
    return [_line("del", "-", line) for line in removed] + [
        _line("ins", "+", line) for line in added
    ]


def _pair(before: str, after: str) -> tuple[str, str]:
    """Two lines, each with the words marked that the other does not have."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return before, after
    left: list[str] = []
    right: list[str] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        for line, stretch in ((left, old[a:b]), (right, new[c:d])):
            text = "".join(stretch)
            line.append(text if tag == "equal" or not text else element("mark", text))
    return joined(left), joined(right)


def _line(look: str, sign: str, content: str) -> Markup:
    return element("span", element("i", sign), content, "\n", class_=look or None)
