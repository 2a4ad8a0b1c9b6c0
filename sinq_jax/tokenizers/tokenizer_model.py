"""``tokenizer.model``: a SentencePiece model as Llama 2 and Gemma publish it, its ids unchanged.

Texts and ids are read as ``tokenizer.json`` of the same models has them read, so that it makes no
difference which of the two files a folder has. ``transformers`` 5 converts the model in another way
and loses a space at the beginning of a text.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from sentencepiece import SentencePieceProcessor

from sinq_jax.tokenizers import proto
from sinq_jax.tokenizers.declared import Declared
from sinq_jax.tokenizers.face import TokenizerError
from sinq_jax.tokenizers.pieces import RAW_BYTES, in_utf8, like_a_control

_SPACE_MARK = "\u2581"


class TokenizerModel:
    """SentencePiece encodes. Pieces that only a template may write are made control pieces first,
    which it never reads in a text.
    """

    def __init__(self, path: Path, declared: Declared) -> None:
        data = _read(path)
        published = _processor(path, data)
        own = range(published.GetPieceSize())
        renamed = {token: name for name, token in declared.added.items()}
        names = {**{token: published.IdToPiece(token) for token in own}, **renamed}
        silent = {
            token
            for token, name in names.items()
            if name in declared.special or like_a_control(name) or _has_no_text(published, token)
        }
        self.controls: Mapping[str, int] = {names[token]: token for token in silent}
        self.named: Mapping[str, str] = {**_named(published, names), **declared.named}
        self._texts = {token: name for token, name in names.items() if token not in silent}
        self.size = 1 + max(self._texts)
        bos = self.controls.get(self.named.get("bos_token", ""))
        self.lead = [] if bos is None or declared.adds_bos is False else [bos]
        bytes_ = {name: byte for byte, name in enumerate(RAW_BYTES)}
        self._raw = {token: bytes_[name] for token, name in self._texts.items() if name in bytes_}
        fields = {token: proto.named(name) for token, name in renamed.items()}
        for token in silent - {published.unk_id()}:
            fields[token] = fields.get(token, b"") + proto.CONTROL
        self._set_processors(path, _changed(path, data, fields), declared)

    def _set_processors(self, path: Path, model: bytes, declared: Declared) -> None:
        """For the beginning of a text, and for what follows a control token: that gets no space
        before it, except where the config says ``legacy``.
        """
        with_space, bare = (_processor(path, proto.with_prefix(model, on)) for on in (True, False))
        prefix = declared.prefix_space
        if prefix is None:
            prefix = _processor(path, model).EncodeAsIds("a") != bare.EncodeAsIds("a")
        self._prefix = prefix
        self._first = with_space if prefix else bare
        self._later = with_space if prefix and declared.legacy is True else bare

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._first.EncodeAsIds(in_utf8(text))
        return ids

    def encode_around(self, texts: Sequence[str], controls: Sequence[str]) -> list[int]:
        ids = self.encode(texts[0])
        for control, text in zip(controls, texts[1:], strict=True):
            ids += [self.controls[control], *self._later.EncodeAsIds(in_utf8(text))]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """A run of raw bytes that is not UTF-8 as a whole is U+FFFD for each of them. The space
        before a text is taken away again.
        """
        runs = groupby(self._of_text(ids), key=self._raw.__contains__)
        text = "".join(self._run(raw, list(run)) for raw, run in runs)
        return text.removeprefix(" ") if self._prefix else text

    def settled(self, ids: Sequence[int]) -> str:
        """A run of raw bytes is read when it is over."""
        own = self._of_text(ids)
        while own and own[-1] in self._raw:
            own.pop()
        return self.decode(own)

    def _of_text(self, ids: Iterable[int]) -> list[int]:
        return [token for token in ids if token in self._texts]

    def _run(self, raw: bool, run: Sequence[int]) -> str:
        if not raw:
            return "".join(self._texts[token] for token in run).replace(_SPACE_MARK, " ")
        try:
            return bytes(self._raw[token] for token in run).decode()
        except UnicodeDecodeError:
            return "\ufffd" * len(run)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _no_model(path, error.strerror) from error


def _changed(path: Path, model: bytes, fields: Mapping[int, bytes]) -> bytes:
    try:
        return proto.with_fields(model, fields)
    except (IndexError, ValueError) as error:
        raise _no_model(path, f"one with {error}") from error


def _processor(path: Path, model: bytes) -> SentencePieceProcessor:
    processor = SentencePieceProcessor()
    try:
        processor.LoadFromSerializedProto(model)
    except RuntimeError as error:
        raise _no_model(path, "a file of another kind") from error
    return processor


def _no_model(path: Path, got: object) -> TokenizerError:
    return TokenizerError(f"{path}: expected a SentencePiece model, got {got}; copy the file again")


def _has_no_text(published: SentencePieceProcessor, token: int) -> bool:
    """True beyond the model, too: what is added to one are control tokens."""
    if token >= published.GetPieceSize():
        return True
    return bool(published.IsControl(token) or published.IsUnknown(token))


def _named(published: SentencePieceProcessor, names: Mapping[int, str]) -> dict[str, str]:
    """The special tokens that the model itself names; an id of -1 is for none."""
    ids = {
        "bos_token": published.bos_id(),
        "eos_token": published.eos_id(),
        "pad_token": published.pad_id(),
        "unk_token": published.unk_id(),
    }
    return {key: names[token] for key, token in ids.items() if token >= 0}
