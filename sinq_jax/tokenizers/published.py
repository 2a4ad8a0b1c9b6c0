"""Tokenizers as they are published with a model: a vocabulary, special tokens, a chat template."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any

from sinq_jax.tokenizers.declared import FILES, Declared, read_declared
from sinq_jax.tokenizers.disguise import Controls, Disguise, texts_in
from sinq_jax.tokenizers.face import Message, TokenizerError
from sinq_jax.tokenizers.pieces import Pieces
from sinq_jax.tokenizers.plain_chat import no_template, plain_chat
from sinq_jax.tokenizers.template import ChatTemplate
from sinq_jax.tokenizers.tokenizer_json import TokenizerJson
from sinq_jax.tokenizers.tokenizer_model import TokenizerModel

_ENDS_OF_TURN = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>")
"""What models write at the end of an answer whether their files say so or not."""

_ONE_DAY = datetime(2024, 7, 26)
"""The date in prompts of a game: a run that goes on tomorrow must ask what it asked today."""


def load_tokenizer(directory: Path) -> "PublishedTokenizer":
    """The tokenizer in a folder: ``tokenizer.json``, or else ``tokenizer.model``.

    Raises ``TokenizerError`` when there is neither, or when a file is not what it should be.
    """
    declared = read_declared(directory)
    if (directory / "tokenizer.json").exists():
        return PublishedTokenizer(
            directory, TokenizerJson(directory / "tokenizer.json", declared), declared
        )
    if (directory / "tokenizer.model").exists():
        return PublishedTokenizer(
            directory, TokenizerModel(directory / "tokenizer.model", declared), declared
        )
    raise TokenizerError(
        f"{directory}: expected tokenizer.json or tokenizer.model, got neither; copy the "
        "tokenizer's files into the folder of the weights"
    )


class PublishedTokenizer:
    """``Tokenizer`` over the pieces of a file and what the files beside it declare."""

    def __init__(self, directory: Path, pieces: Pieces, declared: Declared) -> None:
        self._directory = directory
        self._pieces = pieces
        self._controls = Controls(pieces.controls)
        self._template: ChatTemplate | None = None
        if declared.chat_template is not None:
            self._template = ChatTemplate(declared.chat_template, pieces.named, directory)
        self._question: Mapping[str, Any] | None = None
        self.stop_ids = _stop_ids(directory, pieces, declared.stops)
        self.pad_id = pieces.controls.get(pieces.named.get("pad_token", ""), self.stop_ids[0])
        source = declared.chat_template or ""
        written = [token for name, token in pieces.controls.items() if name in source]
        used = (pieces.size - 1, self.pad_id, *self.stop_ids, *pieces.lead, *written)
        self.vocab_size = 1 + max(used)

    @property
    def has_chat_template(self) -> bool:
        return self._template is not None

    def encode(self, text: str) -> list[int]:
        return self._pieces.encode(text)

    def encode_beginning(self, text: str) -> list[int]:
        return [*self._pieces.lead, *self.encode(text)]

    def encode_prompt(self, text: str) -> list[int]:
        if self._question is None:
            return self.encode_beginning(text)
        return self.encode_chat([{"role": "user", "content": text}], **self._question)

    def decode(self, ids: Iterable[int]) -> str:
        return self._pieces.decode(ids)

    def settled(self, ids: Sequence[int]) -> str:
        return self._pieces.settled(ids)

    def render(
        self, messages: Sequence[Message], *, add_generation_prompt: bool = True, **variables: Any
    ) -> str:
        text, disguise = self._rendered(messages, add_generation_prompt, variables)
        return disguise.reveal(text)

    def encode_chat(
        self, messages: Sequence[Message], *, add_generation_prompt: bool = True, **variables: Any
    ) -> list[int]:
        """A template writes the beginning of the text itself, or leaves it out on purpose."""
        text, disguise = self._rendered(messages, add_generation_prompt, variables)
        texts, controls = self._controls.split(text)
        ids = self._pieces.encode_around([disguise.reveal(each) for each in texts], controls)
        return ids if self.has_chat_template else [*self._pieces.lead, *ids]

    def for_chat(self, **variables: Any) -> "PublishedTokenizer":
        """Its prompts have one date whenever they are written, where a template writes dates."""
        if self._template is None:
            raise no_template(self._directory)
        chosen = copy(self)
        chosen._template = self._template.at(_ONE_DAY)
        chosen._question = variables
        answered = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
        ids = chosen.encode_chat(answered, add_generation_prompt=False, **variables)
        ends = [token for token in reversed(ids) if token in self.stop_ids]
        chosen.stop_ids = tuple(dict.fromkeys([*ends[:1], *self.stop_ids]))
        return chosen

    def save(self, path: Path) -> None:
        try:
            path.mkdir(parents=True, exist_ok=True)
            for file in filter(Path.exists, (self._directory / name for name in FILES)):
                shutil.copyfile(file, path / file.name)
        except OSError as error:
            raise TokenizerError(
                f"{path}: expected to copy the tokenizer's files there, got {error.strerror}; "
                "make room or choose another folder"
            ) from error

    def _rendered(
        self, messages: Sequence[Message], add_generation_prompt: bool, variables: Mapping[str, Any]
    ) -> tuple[str, Disguise]:
        """The chat as one text whose control tokens are the template's, and what reveals the rest.
        A field without a value is left out, as templates ask only whether it is there.
        """
        given = [{key: each[key] for key in each if each[key] is not None} for each in messages]
        source = self._template.source if self._template else ""
        disguise = Disguise(self._controls, [source, *texts_in([given, dict(variables)])])
        hidden = disguise.hide(given)
        if self._template is None:
            return plain_chat(hidden, add_generation_prompt), disguise
        told = disguise.hide(dict(variables))
        return self._template.render(hidden, add_generation_prompt, told), disguise


def _stop_ids(directory: Path, pieces: Pieces, stops: Sequence[int]) -> tuple[int, ...]:
    """The end of a text first, then what the files list, then ends of turns."""
    names = [pieces.named.get("eos_token", ""), *_ENDS_OF_TURN]
    eos, *turns = ([pieces.controls[name]] if name in pieces.controls else [] for name in names)
    found = dict.fromkeys([*eos, *stops, *(token for turn in turns for token in turn)])
    if not found:
        raise TokenizerError(
            f"{directory}: expected a token that ends a text, got none; name eos_token in "
            "tokenizer_config.json or eos_token_id in generation_config.json"
        )
    return tuple(found)
