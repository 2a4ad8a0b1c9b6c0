"""Comparing outcomes by their encodings."""

from __future__ import annotations

from typing import Literal

from sandbox.records import Outcome

DIGEST = 64
Comparison = Literal["same", "differ", "unknown"]


def split(encoding: str) -> tuple[dict[str, str], str]:
    """Return the header of an encoding (`o`: order, `c`: code, each a digest) and its body."""
    rest, header = encoding, {}
    while rest.startswith(("~o", "~c")):
        header[rest[1]], rest = rest[2 : 2 + DIGEST], rest[2 + DIGEST :]
    return header, rest


def compare(a: Outcome, b: Outcome) -> Comparison:
    """Say whether two outcomes are the same; `unknown` when their encodings cannot tell.

    The order of OrderedDicts counts only when both sides have one. Functions whose code
    differs may still do the same, so they leave the question open.
    """
    if a.encoding is None or b.encoding is None:
        return "unknown"
    (header_a, body_a), (header_b, body_b) = split(a.encoding), split(b.encoding)
    if body_a != body_b:
        return "differ"
    if "o" in header_a and "o" in header_b and header_a["o"] != header_b["o"]:
        return "differ"
    return "same" if header_a.get("c") == header_b.get("c") else "unknown"


def same_outcome(a: Outcome, b: Outcome) -> bool:
    """Say whether nothing tells two outcomes apart. Outcomes without encoding never differ.

    Both must come from sandboxes with one policy, which is part of the encodings.
    """
    return compare(a, b) != "differ"
