"""What every tokenizer offers: texts, prompts and chats to ids, and ids to text."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

Message = Mapping[str, Any]
"""``role`` (system, user, assistant), ``content``, and whatever else a chat template reads."""


class TokenizerError(ValueError):
    """A tokenizer, or a chat template, that is missing or not what it should be."""


class Tokenizer(Protocol):
    """``encode`` takes any text and never emits a control id, whatever the text says; ``decode``
    takes any ids and leaves out control ids and those that stand for nothing.
    """

    @property
    def vocab_size(self) -> int:
        """Every id that this tokenizer may emit, ``pad_id`` and ``stop_ids`` are below it."""

    @property
    def pad_id(self) -> int:
        """Fills arrays up; its id says nothing, lengths tell what counts."""

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """Each of them ends a completion; the first is what an answer to imitate ends with."""

    @property
    def has_chat_template(self) -> bool:
        """Whether chats are written as the model's publisher says, or in ``plain_chat``."""

    def encode(self, text: str) -> list[int]: ...

    def encode_prompt(self, text: str) -> list[int]:
        """The ids after which a model is to go on: the text after what begins every text of this
        model (bos), or, of ``for_chat``, the text as a user's message.
        """

    def decode(self, ids: Iterable[int]) -> str: ...

    def settled(self, ids: Sequence[int]) -> str:
        """The beginning of ``decode(ids)`` that no later id can change."""

    def render(
        self, messages: Sequence[Message], *, add_generation_prompt: bool = True, **variables: Any
    ) -> str:
        """The chat as one text; ``variables`` are for the template.

        Raises ``TokenizerError`` when the template does not take the messages.
        """

    def encode_chat(
        self, messages: Sequence[Message], *, add_generation_prompt: bool = True, **variables: Any
    ) -> list[int]:
        """The rendered chat as ids, in which only the template can have written control ids.

        Raises ``TokenizerError`` when the template does not take the messages.
        """

    def for_chat(self, **variables: Any) -> "Tokenizer":
        """The same tokenizer, which asks every prompt as a user's message, with ``variables`` for
        the template, and ends answers as the assistant's.

        Raises ``TokenizerError`` when there is no chat template.
        """

    def save(self, path: Path) -> None:
        """Writes what can be loaded again: our own kinds a file, published ones into a folder."""


def check_fits(tokenizer: Tokenizer, vocab: int) -> None:
    """Raises ``TokenizerError`` when a tokenizer may emit ids beyond an embedding of ``vocab``
    rows. Fewer ids than rows are usual: embeddings are rounded up.
    """
    if tokenizer.vocab_size > vocab:
        raise TokenizerError(
            f"tokenizer: expected ids below {vocab}, the rows of the embedding, got up to "
            f"{tokenizer.vocab_size - 1}; use the tokenizer that came with the weights"
        )


def plain_chat(messages: Sequence[Message], *, add_generation_prompt: bool = True) -> str:
    """A chat for models without a template: ``Role: content`` and an empty line for each message,
    then ``Assistant:``.
    """
    turns = [f"{str(each['role']).capitalize()}: {each['content']}\n\n" for each in messages]
    return "".join([*turns, "Assistant:" if add_generation_prompt else ""])


class NoChatTemplate:
    """What tokenizers answer that know no chat template."""

    has_chat_template = False

    def encode_prompt(self: "Tokenizer", text: str) -> list[int]:
        return self.encode(text)

    def render(
        self, messages: Sequence[Message], *, add_generation_prompt: bool = True, **variables: Any
    ) -> str:
        return plain_chat(messages, add_generation_prompt=add_generation_prompt)

    def encode_chat(
        self: "Tokenizer",
        messages: Sequence[Message],
        *,
        add_generation_prompt: bool = True,
        **variables: Any,
    ) -> list[int]:
        text = self.render(messages, add_generation_prompt=add_generation_prompt, **variables)
        return self.encode_prompt(text)

    def for_chat(self, **variables: Any) -> Tokenizer:
        raise no_template("this tokenizer")


def no_template(owner: object) -> TokenizerError:
    """The error for a caller who wants no plain fallback."""
    return TokenizerError(
        f"{owner}: expected a chat template (chat_template.jinja, or chat_template in "
        "tokenizer_config.json), got none; ask in plain prompts, or use a model trained to chat"
    )
