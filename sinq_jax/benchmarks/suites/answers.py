"""Reading what a model answers: a word, a letter, a program, a tagged line; and a vote."""

import re
from collections import Counter
from collections.abc import Sequence

_LAST = r"answer(?:\s+is)?\W{0,6}?[:=]?\W{0,6}\b(%s)\b"
_FIRST = r"\W*(%s)\b"


def chosen(text: str, choices: Sequence[str]) -> str | None:
    """The choice that ``text`` names, or None.

    What follows the last "answer" counts ("Answer: yes", "the answer is **B**"); without one, the
    first word of the text. Case does not matter.
    """
    listed = "|".join(map(re.escape, choices))
    after = re.findall(_LAST % listed, text, re.IGNORECASE)
    first = re.match(_FIRST % listed, text, re.IGNORECASE)
    found = after[-1] if after else first[1] if first else None
    return next((each for each in choices if found and each.lower() == found.lower()), None)


def majority(answers: Sequence[str | None]) -> str | None:
    """The most frequent answer. None, which was not understood, has no vote; of equally frequent
    ones the first to be given wins. None where nobody voted.
    """
    votes = Counter(answer for answer in answers if answer is not None)
    return max(votes, key=lambda answer: votes[answer]) if votes else None


def before_stops(text: str, stops: Sequence[str]) -> str:
    """``text`` up to the first of the stop strings."""
    ends = [place for stop in stops if (place := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else text


def blocks(text: str) -> list[str]:
    """The contents of the fenced blocks of a text; one that is never closed ends with the text."""
    found = re.findall(r"^```[^\n`]*\n(.*?)(?:^```|\Z)", text, re.MULTILINE | re.DOTALL)
    return [str(each) for each in found]


def tagged(text: str) -> str | None:
    """What stands between the last ``[ANSWER]`` and its ``[/ANSWER]`` or the end; None without
    either tag. A text without the first tag, whose prompt ended with it, counts from its start.
    """
    if "[ANSWER]" not in text and "[/ANSWER]" not in text:
        return None
    opened = text.rpartition("[ANSWER]")[2] if "[ANSWER]" in text else text
    return opened.partition("[/ANSWER]")[0].strip()
