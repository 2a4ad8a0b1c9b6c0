"""``tokenizer.model``: a SentencePiece model as Llama 2 and Gemma publish it, its ids unchanged.

Ids are decoded as ``tokenizer.json`` of the same models has them decoded, so that it makes no
difference which of the two files a folder has.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import sentencepiece
from sentencepiece.sentencepiece_model_pb2 import ModelProto  # type: ignore[attr-defined]  # made on import

from sinq_jax.tokenizers.declared import Declared
from sinq_jax.tokenizers.face import TokenizerError
from sinq_jax.tokenizers.pieces import RAW_BYTES, in_utf8, like_a_control

_SPACE_MARK = "\u2581"
_UNKNOWN, _CONTROL = 2, 3
"""Types of pieces, in the format's own numbers."""


class TokenizerModel:
    """SentencePiece encodes. Pieces that only a template may write are made control pieces first,
    which it never reads in a text.
    """

    def __init__(self, path: Path, declared: Declared) -> None:
        model = _read(path)
        beyond = _rename(model, declared.added)
        _make_controls(model, declared.special)
        pieces = [
            None if each.type in (_UNKNOWN, _CONTROL) else each.piece for each in model.pieces
        ]
        ids = {each.piece: token for token, each in enumerate(model.pieces)}
        silent = {name: token for name, token in ids.items() if pieces[token] is None}
        self.named: Mapping[str, str] = {**_named(model), **declared.named}
        self.controls: Mapping[str, int] = {**silent, **beyond}
        self.size = 1 + max(token for token, piece in enumerate(pieces) if piece is not None)
        bos = self.controls.get(self.named.get("bos_token", ""))
        self.lead = [] if bos is None or declared.adds_bos is False else [bos]
        self._pieces = pieces
        self._raw = {ids[name]: byte for byte, name in enumerate(RAW_BYTES) if name in ids}
        said, of_model = declared.prefix_space, bool(model.normalizer_spec.add_dummy_prefix)
        self._prefix = of_model if said is None else said
        self._first = _processor(model, self._prefix)
        self._later = _processor(model, self._prefix and declared.legacy is True)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._first.EncodeAsIds(in_utf8(text))
        return ids

    def encode_around(self, texts: Sequence[str], controls: Sequence[str]) -> list[int]:
        """What follows a control token is not the beginning of a text and gets no space before it,
        except where the config says ``legacy``.
        """
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
        return [
            token for token in ids if token < len(self._pieces) and self._pieces[token] is not None
        ]

    def _run(self, raw: bool, run: Sequence[int]) -> str:
        if not raw:
            return "".join(self._pieces[token] or "" for token in run).replace(_SPACE_MARK, " ")
        try:
            return bytes(self._raw[token] for token in run).decode()
        except UnicodeDecodeError:
            return "\ufffd" * len(run)


def _read(path: Path) -> ModelProto:
    try:
        data = path.read_bytes()
        sentencepiece.SentencePieceProcessor().LoadFromSerializedProto(data)
    except (OSError, RuntimeError) as error:
        got = error.strerror if isinstance(error, OSError) else "a file of another kind"
        raise TokenizerError(
            f"{path}: expected a SentencePiece model, got {got}; copy the file again"
        ) from error
    return ModelProto.FromString(data)


def _rename(model: ModelProto, added: Mapping[str, int]) -> dict[str, int]:
    """Gives pieces the names that the config has for their ids; returns those beyond the model."""
    beyond = {name: token for name, token in added.items() if token >= len(model.pieces)}
    for name in added.keys() - beyond.keys():
        model.pieces[added[name]].piece = name
    return beyond


def _make_controls(model: ModelProto, special: frozenset[str]) -> None:
    for piece in model.pieces:
        if (piece.piece in special or like_a_control(piece.piece)) and piece.type != _UNKNOWN:
            piece.type = _CONTROL


def _named(model: ModelProto) -> dict[str, str]:
    """The special tokens that the model itself names; an id of -1 is for none."""
    spec = model.trainer_spec
    ids = {"bos": spec.bos_id, "eos": spec.eos_id, "pad": spec.pad_id, "unk": spec.unk_id}
    return {f"{name}_token": model.pieces[token].piece for name, token in ids.items() if token >= 0}


def _processor(model: ModelProto, prefix: bool) -> sentencepiece.SentencePieceProcessor:
    model.normalizer_spec.add_dummy_prefix = prefix
    processor = sentencepiece.SentencePieceProcessor()
    processor.LoadFromSerializedProto(model.SerializeToString())
    return processor
