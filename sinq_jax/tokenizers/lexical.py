"""Python's small pieces as tokens, learned from a corpus; every other piece as bytes."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from sinq_jax.tokenizers.face import TokenizerError
from sinq_jax.tokenizers.plain_chat import NoChatTemplate

PAD, STOP = 0, 1
CONTROLS = 2
"""The ids of the tokenizers that are learned here: control tokens have no text, so nothing that a
program contains can become one.
"""

_PIECE = re.compile(
    r"\n(?:[-+]|\d+(?= ))? *"  # a line's end with the next line's mark or number, and its indent
    r'|[{,] ?"\w+": '  # a keyword argument of an input
    r"| ?[A-Za-z_]\w*"
    r"| ?\d+"
    r"| ?(?:\*\*|//|[-+*/%<>=!]=|\+=|->|<<|>>)"
    r"|\):|\(\)|\[\]"
    r"| ?[^\w\s]"
    r"|\s|.",
    re.DOTALL,
)


class LexicalTokenizer(NoChatTemplate):
    """Pieces of Python text learned from a corpus, every other piece as its UTF-8 bytes.

    Ids: 0 pad, 1 stop, 2-257 bytes, then the pieces.
    """

    pad_id = PAD
    stop_ids = (STOP,)

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = tuple(pieces)
        first = CONTROLS + 256
        self._ids = {piece: first + i for i, piece in enumerate(self._pieces)}

    @classmethod
    def learn(
        cls, texts: Iterable[str], at_least: int = 2, at_most: int = 2048
    ) -> "LexicalTokenizer":
        """A vocabulary of the pieces that occur ``at_least`` times, the most frequent ``at_most``,
        most frequent first.
        """
        counts = Counter(piece for text in texts for piece in _PIECE.findall(text))
        frequent = [
            piece
            for piece, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            if count >= at_least and len(piece.encode()) > 1
        ]
        return cls(frequent[:at_most])

    @property
    def vocab_size(self) -> int:
        return CONTROLS + 256 + len(self._pieces)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for piece in _PIECE.findall(text):
            known = self._ids.get(piece)
            if known is not None:
                ids.append(known)
            else:
                ids += [CONTROLS + byte for byte in piece.encode("utf-8", "surrogatepass")]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Bytes that are not UTF-8 (a model may write them) come back as U+FFFD."""
        data = b"".join(self._bytes_of(token) for token in ids)
        return data.decode("utf-8", "replace")

    def settled(self, ids: Sequence[int]) -> str:
        """An unfinished character at the end reads as one U+FFFD."""
        return self.decode(ids).removesuffix("\ufffd")

    def _bytes_of(self, token: int) -> bytes:
        if not CONTROLS <= token < self.vocab_size:
            return b""
        if token < CONTROLS + 256:
            return bytes([token - CONTROLS])
        return self._pieces[token - CONTROLS - 256].encode()

    def save(self, path: Path) -> None:
        path.write_text(json.dumps({"kind": "lexical", "pieces": self._pieces}), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "LexicalTokenizer":
        """Raises ``TokenizerError`` when the file is not what ``save`` writes."""
        try:
            pieces = json.loads(path.read_text(encoding="utf-8"))["pieces"]
            return cls(["".join(piece) for piece in pieces])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TokenizerError(
                f"{path}: expected a lexical tokenizer, got {error!r}; "
                "use the file that a run wrote to its workdir"
            ) from error
