"""Texts that are longer than a model reads lose their beginning, and it is counted."""

from collections.abc import Callable

Encode = Callable[[str], list[int]]


def cut_to_fit(encode: Encode, text: str, most: int) -> tuple[str, int]:
    """The longest end of ``text`` that halving finds whose ids are at most ``most``, and how many
    ids fewer than all of it these are.

    The text is cut, not its ids: what stands before it (a beginning token, the words of a chat
    template) stays. Questions stand at the end of a prompt, so it is the beginning that goes.
    Raises ``ValueError`` where not even the empty text fits.
    """
    whole = len(encode(text))
    if whole <= most:
        return text, 0
    if len(encode("")) > most:
        raise ValueError(f"expected room for what stands before a prompt, got {most} tokens")
    fits, first = len(text), 0  # text[fits:] fits; text[first:] does not
    while fits - first > 1:
        middle = (fits + first) // 2
        if len(encode(text[middle:])) <= most:
            fits = middle
        else:
            first = middle
    kept = text[fits:]
    return kept, whole - len(encode(kept))
