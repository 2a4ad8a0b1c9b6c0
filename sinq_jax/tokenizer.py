"""Text to token ids and back, behind one face.

``LexicalTokenizer`` knows Python's lexical pieces and falls back to bytes;
``SentencePieceTokenizer`` reads (or trains) a SentencePiece model. Control tokens have no text:
nothing a program contains can become one.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import sentencepiece

PAD, STOP = 0, 1
_CONTROLS = 2

_SPACE_MARK = "\u2581"
"""SentencePiece writes a space as this character and reads it as one; in a text it is bytes."""

_PROBE = "def f(x):\n\tif  x:\n        return '\u00e9'\n"

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


class TokenizerError(ValueError):
    """A tokenizer file that is missing or not what it should be."""


class Tokenizer(Protocol):
    """``encode`` takes any text and never emits a control id; ``decode`` takes any ids and leaves
    control ids out. ``decode(encode(text)) == text`` for all text that UTF-8 can hold.
    """

    @property
    def vocab_size(self) -> int: ...

    def encode(self, text: str) -> list[int]: ...

    def decode(self, ids: Iterable[int]) -> str: ...

    def save(self, path: Path) -> None: ...


class LexicalTokenizer:
    """Pieces of Python text learned from a corpus, every other piece as its UTF-8 bytes.

    Ids: 0 pad, 1 stop, 2-257 bytes, then the pieces.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = tuple(pieces)
        first = _CONTROLS + 256
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
        return _CONTROLS + 256 + len(self._pieces)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for piece in _PIECE.findall(text):
            known = self._ids.get(piece)
            if known is not None:
                ids.append(known)
            else:
                ids += [_CONTROLS + byte for byte in piece.encode("utf-8", "surrogatepass")]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Bytes that are not UTF-8 (a model may write them) come back as U+FFFD."""
        data = b"".join(self._bytes_of(token) for token in ids)
        return data.decode("utf-8", "replace")

    def _bytes_of(self, token: int) -> bytes:
        if token < _CONTROLS:
            return b""
        if token < _CONTROLS + 256:
            return bytes([token - _CONTROLS])
        return self._pieces[token - _CONTROLS - 256].encode()

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


class SentencePieceTokenizer:
    """A SentencePiece model. Ids are the model's own, shifted so that 0 is pad and 1 is stop."""

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._processor = sentencepiece.SentencePieceProcessor()
        self._processor.LoadFromSerializedProto(model)
        self._space_mark = [
            int(self._processor.PieceToId(f"<0x{byte:02X}>")) for byte in _SPACE_MARK.encode()
        ]

    @classmethod
    def learn(cls, texts: Iterable[str], vocab_size: int) -> "SentencePieceTokenizer":
        """Trains a byte-fallback BPE model whose settings keep code exactly as it is (spaces, tabs,
        line ends).
        """
        writer = _Writer()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=writer,
            model_type="bpe",
            vocab_size=vocab_size,
            hard_vocab_limit=False,
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            byte_fallback=True,
            allow_whitespace_only_pieces=True,
            character_coverage=1.0,
            minloglevel=2,
            num_threads=1,
        )
        return cls(bytes(writer.data))

    @property
    def vocab_size(self) -> int:
        return _CONTROLS + int(self._processor.GetPieceSize())

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for index, part in enumerate(text.encode("utf-8", "replace").decode().split(_SPACE_MARK)):
            ids += self._space_mark if index else []
            ids += self._processor.EncodeAsIds(part)
        return [_CONTROLS + int(token) for token in ids]

    def decode(self, ids: Iterable[int]) -> str:
        unknown = _CONTROLS + self._processor.unk_id()
        plain = [token - _CONTROLS for token in ids if token >= _CONTROLS and token != unknown]
        return str(self._processor.DecodeIds(plain))

    def save(self, path: Path) -> None:
        path.write_bytes(self._model)

    @classmethod
    def load(cls, path: Path) -> "SentencePieceTokenizer":
        """Raises ``TokenizerError`` when the file is missing, no SentencePiece model, or one that
        changes the white space of code.
        """
        try:
            tokenizer = cls(path.read_bytes())
        except (OSError, RuntimeError) as error:
            got = error.strerror if isinstance(error, OSError) else "a file of another kind"
            raise TokenizerError(
                f"{path}: expected a SentencePiece model, got {got}; set --config.tokenizer.path"
            ) from error
        read_back = tokenizer.decode(tokenizer.encode(_PROBE))
        if read_back != _PROBE:
            raise TokenizerError(
                f"{path}: expected a model that keeps code as it is, got {read_back!r} for "
                f"{_PROBE!r}; train one with the settings of SentencePieceTokenizer.learn"
            )
        return tokenizer


class _Writer:
    """The file-like object that the trainer writes its model to."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, chunk: bytes) -> None:
        self.data += chunk
