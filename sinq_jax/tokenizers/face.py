"""What every tokenizer offers: texts, prompts and chats to ids, and ids to text."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sinq_jax.errors import SinqError

Message = Mapping[str, Any]
"""``role`` (system, user, assistant), ``content``, and whatever else a chat template reads."""


class TokenizerError(SinqError, ValueError):
    """A tokenizer, or a chat template, that is missing or not what it should be."""


class Tokenizer(Protocol):
    """``encode`` takes any text and never emits a control id, whatever the text says; ``decode``
    takes any ids and leaves out control ids and those that stand for nothing.
    """

    @property
    def vocab_size(self) -> int:
        """Whatever this tokenizer may emit is below it, ``pad_id`` and ``stop_ids`` too."""

    @property
    def pad_id(self) -> int:
        """Fills arrays up. It says nothing: what counts is told by lengths."""

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """Each of them ends a completion; the first is what an answer to imitate ends with."""

    @property
    def has_chat_template(self) -> bool:
        """Whether chats are written as the model's publisher says, or as ``plain_chat`` does."""

    def encode(self, text: str) -> list[int]: ...

    def encode_beginning(self, text: str) -> list[int]:
        """The ids of a text that is read as it stands, after the token that begins every text of
        this model if it has one; of ``for_chat`` too.
        """

    def encode_prompt(self, text: str) -> list[int]:
        """The ids after which a model is to go on: those of ``encode_beginning``; of ``for_chat``,
        the text as a user's message.
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
        """The rendered chat as ids, among which only the template can have written control ids.

        Raises ``TokenizerError`` when the template does not take the messages.
        """

    def for_chat(self, **variables: Any) -> "Tokenizer":
        """The same tokenizer, except that it asks every prompt as a user's message, with
        ``variables`` for the template, and that answers end as the assistant's do.

        Raises ``TokenizerError`` when there is no chat template.
        """

    def save(self, path: Path) -> None:
        """Writes what can be loaded again: one file, or for a published tokenizer its files into
        the folder ``path``.
        """


def check_fits(tokenizer: Tokenizer, vocab: int) -> None:
    """Raises ``TokenizerError`` when a tokenizer may emit ids beyond an embedding of ``vocab``
    rows. Fewer ids than rows are usual: embeddings are rounded up.
    """
    if tokenizer.vocab_size > vocab:
        raise TokenizerError(
            f"tokenizer: expected ids below {vocab}, the rows of the embedding, got ids up to "
            f"{tokenizer.vocab_size - 1}; use the tokenizer that came with the weights"
        )
