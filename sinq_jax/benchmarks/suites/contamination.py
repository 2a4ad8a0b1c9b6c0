"""Which items a model may have been trained on: runs of words that training texts hold too.

Source: T. Brown et al., "Language Models are Few-Shot Learners" (2020), appendix C, which looks for
13-grams of lower-case words without punctuation.
"""

import re
from collections.abc import Iterable

WORDS = 13
"""Length of a run, in words."""


def seen(contents: Iterable[str], training: Iterable[str], words: int = WORDS) -> list[bool]:
    """For each content, whether a run of ``words`` words of it stands in a training text.

    A content of fewer words is seen when all of them stand there as one run. Words are runs of
    letters and digits in lower case, so neither layout nor punctuation hides a copy.
    """
    split = [_words(text) for text in contents]
    wanted = [_runs(each, min(words, len(each))) for each in split]
    sizes = {min(words, len(each)) for each in split if each}
    looked_for = set().union(*wanted)
    found: set[tuple[str, ...]] = set()
    for text in training:
        tokens = _words(text)
        for size in sizes:
            found |= looked_for & _runs(tokens, size)
    return [bool(each & found) for each in wanted]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _runs(tokens: list[str], size: int) -> set[tuple[str, ...]]:
    if size == 0:
        return set()
    return {tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1)}
