"""A SentencePiece model trained here, with settings that keep code exactly as it is."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import sentencepiece

from sinq_jax.tokenizers.face import TokenizerError
from sinq_jax.tokenizers.lexical import CONTROLS, PAD, STOP
from sinq_jax.tokenizers.plain_chat import NoChatTemplate

_SPACE_MARK = "\u2581"
"""SentencePiece writes a space as this character and reads it as one; in a text it is bytes."""

_PROBE = "def f(x):\n\tif  x:\n        return '\u00e9'\n"


class SentencePieceTokenizer(NoChatTemplate):
    """A SentencePiece model. Ids are the model's own, shifted so that 0 is pad and 1 is stop."""

    pad_id = PAD
    stop_ids = (STOP,)

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._processor = sentencepiece.SentencePieceProcessor()
        self._processor.LoadFromSerializedProto(model)
        self._bytes = [int(self._processor.PieceToId(f"<0x{byte:02X}>")) for byte in range(256)]
        self._space_mark = [self._bytes[byte] for byte in _SPACE_MARK.encode()]

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
        return CONTROLS + int(self._processor.GetPieceSize())

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for index, part in enumerate(text.encode("utf-8", "replace").decode().split(_SPACE_MARK)):
            ids += self._space_mark if index else []
            ids += self._processor.EncodeAsIds(part)
        return [CONTROLS + int(token) for token in ids]

    def decode(self, ids: Iterable[int]) -> str:
        return str(self._processor.DecodeIds(self._own(ids)))

    def settled(self, ids: Sequence[int]) -> str:
        """Bytes at the end are held back until a piece of another kind closes them."""
        own = self._own(ids)
        while own and own[-1] in self._bytes:
            own.pop()
        return str(self._processor.DecodeIds(own))

    def _own(self, ids: Iterable[int]) -> list[int]:
        """The model's own ids, without those that stand for no text."""
        unknown = CONTROLS + self._processor.unk_id()
        size = self.vocab_size
        return [token - CONTROLS for token in ids if CONTROLS <= token < size and token != unknown]

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
