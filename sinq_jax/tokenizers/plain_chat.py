"""Chats for tokenizers that know no chat template."""

from collections.abc import Sequence
from typing import Any

from sinq_jax.tokenizers.face import Message, Tokenizer, TokenizerError


def plain_chat(messages: Sequence[Message], add_generation_prompt: bool) -> str:
    """``Role: content`` and an empty line for each message, and then ``Assistant:``."""
    turns = [f"{str(each['role']).capitalize()}: {each['content']}\n\n" for each in messages]
    return "".join([*turns, "Assistant:" if add_generation_prompt else ""])


def no_template(owner: object) -> TokenizerError:
    """The error for a caller to whom plain chats will not do."""
    return TokenizerError(
        f"{owner}: expected a chat template (chat_template.jinja, or chat_template in "
        "tokenizer_config.json), got none; ask in plain prompts, or use a model trained to chat"
    )


class NoChatTemplate:
    """The part of the face that such tokenizers share."""

    has_chat_template = False

    def encode_beginning(self: Tokenizer, text: str) -> list[int]:
        return self.encode(text)

    def encode_prompt(self: Tokenizer, text: str) -> list[int]:
        return self.encode_beginning(text)

    def render(
        self, messages: Sequence[Message], *, add_generation_prompt: bool = True, **variables: Any
    ) -> str:
        return plain_chat(messages, add_generation_prompt)

    def encode_chat(
        self: Tokenizer,
        messages: Sequence[Message],
        *,
        add_generation_prompt: bool = True,
        **variables: Any,
    ) -> list[int]:
        return self.encode_prompt(plain_chat(messages, add_generation_prompt))

    def for_chat(self, **variables: Any) -> Tokenizer:
        raise no_template("this tokenizer")
