"""Answers under headings with fenced blocks, written and read back as CommonMark has them."""

import re
from collections.abc import Sequence

_FENCE = re.compile(r"(`{3,})[^`]*")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t](.*)")

Span = tuple[int, int]
"""First line and the one after the last."""


def fenced(text: str) -> str:
    """``text`` as a Python block, its fences longer than any backticks that begin a line of it."""
    runs = re.findall(r"^`+", text, re.MULTILINE)
    fence = "`" * max(3, *(len(run) + 1 for run in ["", *runs]))
    return f"{fence}python\n{text}\n{fence}"


def section(text: str, heading: str) -> str | None:
    """What stands between a heading and the next one of its level or above; None without it.

    Of several equal headings the last counts, so that a model may think aloud before it answers.
    Headings inside fenced blocks are none: they are comments of a program.
    """
    lines = text.split("\n")
    span = _section(lines, _blocks(lines), heading)
    return None if span is None else "\n".join(lines[span[0] : span[1]])


def block_under(text: str, heading: str) -> str | None:
    """The first fenced block of a section; None without a section, a fence, or the end of one."""
    lines = text.split("\n")
    blocks = _blocks(lines)
    span = _section(lines, blocks, heading)
    inside = [block for block in blocks if span and span[0] <= block[0] < span[1]]
    if not inside or inside[0][1] > len(lines):
        return None
    begin, end = inside[0]
    return "\n".join(lines[begin + 1 : end - 1])


def _section(lines: Sequence[str], blocks: Sequence[Span], heading: str) -> Span | None:
    headings = _headings(lines, blocks)
    places = [i for i, (_, _, title) in enumerate(headings) if title.lower() == heading.lower()]
    if not places:
        return None
    at, level, _ = headings[places[-1]]
    later = (line for line, other, _ in headings[places[-1] + 1 :] if other <= level)
    return at + 1, next(later, len(lines))


def _headings(lines: Sequence[str], blocks: Sequence[Span]) -> list[tuple[int, int, str]]:
    """Line, level and title of every heading outside ``blocks``."""
    fenced_off = {line for begin, end in blocks for line in range(begin, end)}
    return [
        (number, len(match[1]), match[2].strip(" \t\r:#"))
        for number, line in enumerate(lines)
        if number not in fenced_off and (match := _HEADING.fullmatch(line))
    ]


def _blocks(lines: Sequence[str]) -> list[Span]:
    """Every fenced block with its fences; one that is never closed ends beyond the last line."""
    blocks: list[Span] = []
    fence, begin = "", 0
    for number, line in enumerate(lines):
        if not fence and (match := _FENCE.fullmatch(line)):
            fence, begin = match[1], number
        elif fence and line.startswith(fence) and not line.strip("` \t\r"):
            blocks.append((begin, number + 1))
            fence = ""
    return [*blocks, (begin, len(lines) + 1)] if fence else blocks
