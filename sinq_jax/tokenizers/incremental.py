"""Decodes while a model writes: text that is certain, up to the first stop string."""

from collections.abc import Sequence

from sinq_jax.tokenizers.face import Tokenizer


class IncrementalDecoder:
    """Takes one id at a time and hands out text that no later id changes. What may be the beginning
    of one of ``stops`` is held back until it is known not to be.

    All that it hands out is ``decode`` of all ids, cut where the stop string begins that was
    complete first (the longest of those that end together). ``stopped`` is that stop string, or
    None. Raises ``ValueError`` for an empty stop string.
    """

    def __init__(self, tokenizer: Tokenizer, stops: Sequence[str] = ()) -> None:
        if "" in stops:
            raise ValueError("stops: expected texts, got an empty one; leave it out")
        self.stopped: str | None = None
        self._tokenizer = tokenizer
        self._stops = tuple(stops)
        self._anchor, self._anchor_text = _plain_id(tokenizer)
        self._window: list[int] = []
        self._taken = 0
        self._held = ""

    def push(self, token: int) -> str:
        """The text that this id makes certain; empty once stopped."""
        if self.stopped is not None:
            return ""
        self._window.append(token)
        settled = self._tokenizer.settled(self._window)
        text, self._taken = settled[self._taken :], len(settled)
        self._move_window()
        return self._released(text)

    def finish(self) -> str:
        """The rest of the text, when no more ids come."""
        if self.stopped is not None:
            return ""
        rest = self._tokenizer.decode(self._window)[self._taken :]
        return self._released(rest) + self._held

    def _move_window(self) -> None:
        """Forgets the ids if all their text is told, so that each step costs the same.

        Some tokenizers drop a space at the beginning of a text: an id with a text stands for those
        that are forgotten, once one of them had a text.
        """
        anchored = [self._anchor, *self._window]
        text = self._tokenizer.settled(anchored)
        if text != self._anchor_text and text == self._tokenizer.decode(anchored):
            self._window = [self._anchor]
            self._taken = len(self._anchor_text)

    def _released(self, text: str) -> str:
        """What of the held text and ``text`` can be handed out; sets ``stopped``."""
        held = self._held + text
        ends = [
            (held.find(stop) + len(stop), -len(stop), stop) for stop in self._stops if stop in held
        ]
        if ends:
            end, _, self.stopped = min(ends)
            self._held = ""
            return held[: end - len(self.stopped)]
        kept = max((_overlap(held, stop) for stop in self._stops), default=0)
        self._held = held[len(held) - kept :]
        return held[: len(held) - kept]


def _plain_id(tokenizer: Tokenizer) -> tuple[int, str]:
    """An id whose text stands by itself, and the text."""
    found = ((token, tokenizer.settled([token])) for token in range(tokenizer.vocab_size))
    return next(
        (token, text) for token, text in found if text.strip() and text == tokenizer.decode([token])
    )


def _overlap(text: str, stop: str) -> int:
    """The length of the longest beginning of ``stop``, short of all, that ``text`` ends with."""
    lengths = range(min(len(stop) - 1, len(text)), 0, -1)
    return next((length for length in lengths if text.endswith(stop[:length])), 0)
