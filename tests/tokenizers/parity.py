"""Compares a tokenizer with the answers of the reference to a request."""

from typing import Any

import pytest

from sinq_jax.tokenizers import PublishedTokenizer, TokenizerError
from tests.tokenizers.families import comparable

Request = dict[str, Any]


def assert_same_texts(ours: PublishedTokenizer, asked: Request, told: dict[str, Any]) -> None:
    for text, ids, prompt in zip(asked["texts"], told["encoded"], told["prompts"], strict=True):
        if comparable(told, text):
            assert ours.encode(text) == ids, text
            assert ours.encode_prompt(text) == prompt, text
    for text, ids in zip(asked["texts"], told["sentencepiece"] or asked["texts"], strict=True):
        assert told["sentencepiece"] is None or ours.encode(text) == ids, text


def assert_same_decoding(ours: PublishedTokenizer, asked: Request, told: dict[str, Any]) -> None:
    for ids, text in zip(asked["ids"], told["decoded"], strict=True):
        assert ours.decode(ids) == text, ids


def assert_hostile_texts_are_plain(
    ours: PublishedTokenizer, asked: Request, told: dict[str, Any]
) -> None:
    """The reference, told to split special tokens, still reads those that Qwen does not declare."""
    for text, ids in zip(asked["hostile"], told["hostile"], strict=True):
        if "<|fim" not in text:
            assert ours.encode(text) == ids, text


def assert_same_chats(ours: PublishedTokenizer, asked: Request, told: dict[str, Any]) -> None:
    both = [(chat, prompted) for chat in asked["chats"] for prompted in (True, False)]
    for (chat, prompted), answer in zip(both, told["chats"], strict=True):
        given = {"add_generation_prompt": prompted, **asked["variables"]}
        if "error" in answer:
            with pytest.raises(TokenizerError, match=answer["error"]):
                ours.render(chat, **given)
            continue
        assert ours.render(chat, **given) == answer["text"]
        assert ours.encode_chat(chat, **given) == answer["ids"]
    for chat, text in zip(asked["hostile_chats"], told["hostile_chats"], strict=True):
        assert ours.render(chat, **asked["variables"]) == text
