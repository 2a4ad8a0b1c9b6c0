"""The quirky judge: what the authors' harness would have called different, told from our outcomes.

That harness runs each program in a process of its own, sends back ``(kind, value)`` pickled, and
compares the two with ``!=``. So two equal exceptions are different, because each was unpickled into
an object of its own; so are two NaNs and two instances of a plain class; and an input that binds to
no signature makes both raise. Here it is an ablation: a weak judge is harvested as "hard". The
programs run in the sandbox as always, nothing is unpickled, and the sound verdict is kept.
"""

import re
from typing import Literal

from sandbox import Judgement, Outcome
from sandbox.compare import split

JudgeKind = Literal["sound", "quirky"]

UNBOUND = "does not bind"
UNREPEATED = ("does not repeat", "near the time limit")
"""Reasons of `unstable` verdicts whose first run showed a difference; the harness has no second."""

_TEXT = re.compile(r"s(\d+):")
_ODD = re.compile(r"(?<![^(\[{,=:;])(?:nan|I[^()\[\]{},;]+\()")
"""NaN, or an instance, where a value begins in a canonical encoding."""


def quirky_verdict(judgement: Judgement) -> bool:
    """Whether the authors' harness would have called the outcomes of this check different.

    A value whose encoding is longer than a digest does not show what is in it: NaNs and instances
    deep inside of large values are missed, so this judge is, if anything, less quirky than theirs.
    """
    if judgement.verdict == "diverges":
        return True
    if judgement.verdict == "invalid":
        return judgement.reason == UNBOUND
    if judgement.verdict == "unstable":
        return judgement.reason in UNREPEATED
    ours, theirs = judgement.original, judgement.variant
    if ours is None or theirs is None:
        return False
    if ours.status == theirs.status == "raised":
        return True
    return ours.status == theirs.status == "returned" and _unequal_to_itself(ours)


def _unequal_to_itself(outcome: Outcome) -> bool:
    """Whether a copy of the value would differ from it: it is or holds a NaN or an instance."""
    body = split(outcome.encoding or "")[1]
    return _ODD.search(_without_texts(body)) is not None


def _without_texts(body: str) -> str:
    """An encoding with the content of its texts left out, which may look like anything."""
    kept, place = [], 0
    while match := _TEXT.search(body, place):
        kept.append(body[place : match.start()])
        place = match.end() + int(match[1])
    return "".join(kept) + body[place:]
