"""``tokenizer.json``: a vocabulary as the ``tokenizers`` library writes it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from tokenizers import AddedToken
from tokenizers import Tokenizer as Backend

from sinq_jax.tokenizers.declared import Declared
from sinq_jax.tokenizers.disguise import Controls
from sinq_jax.tokenizers.face import TokenizerError
from sinq_jax.tokenizers.marks import Marks
from sinq_jax.tokenizers.pieces import RAW_BYTES, in_utf8, like_a_control


class TokenizerJson:
    """The library does the work, and is told that control tokens in a text are text."""

    def __init__(self, path: Path, declared: Declared) -> None:
        self._backend = backend = _read(path)
        self.named = declared.named
        _add_missing(path, backend, declared.added)
        added = {each.content: each for each in backend.get_added_tokens_decoder().values()}
        special = {name for name in declared.special if backend.token_to_id(name) is not None}
        special |= {name for name, token in added.items() if token.special}
        names = special | set(filter(like_a_control, added))
        tokens = [_as_special(name, added.get(name)) for name in names]
        backend.add_special_tokens(tokens)
        backend.encode_special_tokens = True
        self._marks = Marks(backend, tokens)
        vocabulary = backend.get_vocab(with_added_tokens=True)
        self.controls: Mapping[str, int] = {name: vocabulary[name] for name in names}
        self.size = 1 + max(token for name, token in vocabulary.items() if name not in names)
        self.lead = self._lead(declared)
        self._known = set(vocabulary.values()) - {vocabulary[name] for name in special}
        self._raw = {vocabulary[name] for name in RAW_BYTES if name in vocabulary}
        unknown = declared.named.get("unk_token")  # written where no piece fits: says nothing
        self._unwritable = Controls(names - {unknown})
        self._never = {vocabulary[name] for name in names - {unknown}}

    def encode(self, text: str) -> list[int]:
        return self.encode_around([text], [])

    def encode_around(self, texts: Sequence[str], controls: Sequence[str]) -> list[int]:
        clean = [in_utf8(text) for text in texts]
        found = self._marks.encode(clean, controls)
        if not self._never.isdisjoint(found):
            found = self._marks.encode(*self._broken(clean, controls))
        return [
            self.controls[each] if isinstance(each, str) else each for each in found if each != ""
        ]

    def decode(self, ids: Iterable[int]) -> str:
        return self._backend.decode(self._of_text(ids), skip_special_tokens=False)

    def settled(self, ids: Sequence[int]) -> str:
        """A run of raw bytes is read when it is over: one that is not UTF-8 as a whole becomes
        U+FFFD for each. Pieces that hold parts of characters end in at most one U+FFFD.
        """
        own = self._of_text(ids)
        while own and own[-1] in self._raw:
            own.pop()
        return self._backend.decode(own, skip_special_tokens=False).removesuffix("\ufffd")

    def _of_text(self, ids: Iterable[int]) -> list[int]:
        return [token for token in ids if token in self._known]

    def _broken(self, texts: Sequence[str], controls: Sequence[str]) -> tuple[list[str], list[str]]:
        """The same with every control token in the texts broken after its first character: some
        vocabularies have the merges that would put it together from plain characters.
        """
        parts: list[str] = []
        between: list[str] = []
        for text, control in zip(texts, [*controls, ""], strict=True):
            inner, names = self._unwritable.split(text)
            rests = ["", *(name[1:] for name in names)]
            firsts = [*(name[0] for name in names), ""]
            parts += map("".join, zip(rests, inner, firsts, strict=True))
            between += [*("" for _ in names), control]
        return parts, between[:-1]

    def _lead(self, declared: Declared) -> list[int]:
        """As the config says, or else what the file's post-processor puts before a text."""
        if declared.adds_bos is not None:
            bos = self.controls.get(declared.named.get("bos_token", ""))
            return [bos] if declared.adds_bos and bos is not None else []
        text = self._backend.encode("a")
        pairs = zip(text.ids, text.special_tokens_mask, strict=True)
        return [token for token, _ in takewhile(lambda pair: pair[1], pairs)]


def _read(path: Path) -> Backend:
    """The tokenizer, without the lengths that its file may cut or fill texts to."""
    try:
        backend = Backend.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # the library raises nothing more special
        raise TokenizerError(
            f"{path}: expected a tokenizer.json, got {' '.join(str(error).split())}; "
            "copy the file again"
        ) from error
    backend.no_truncation()
    backend.no_padding()
    return backend


def _add_missing(path: Path, backend: Backend, added: Mapping[str, int]) -> None:
    """Adds the tokens that only the config lists, which go on after the last id."""
    for name, token in sorted(added.items(), key=lambda item: item[1]):
        if backend.token_to_id(name) is None:
            backend.add_special_tokens([AddedToken(name, normalized=False, special=True)])
        if backend.token_to_id(name) != token:
            raise TokenizerError(
                f"{path}: expected {name!r} as token {token}, as tokenizer_config.json says, got "
                f"{backend.token_to_id(name)}; use the two files of one model"
            )


def _as_special(name: str, added: AddedToken | None) -> AddedToken:
    strips = (added.lstrip, added.rstrip) if added else (False, False)
    normalized = added.normalized if added else False
    return AddedToken(name, lstrip=strips[0], rstrip=strips[1], normalized=normalized, special=True)
