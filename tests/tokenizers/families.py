"""The small tokenizers of every family, and what the reference makes of them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sinq_jax.tokenizers import PublishedTokenizer, load_tokenizer

GOLDENS = Path(__file__).parent / "goldens"
FAMILIES = sorted(path.name for path in GOLDENS.iterdir())
each_family = pytest.mark.parametrize("family", FAMILIES)


@cache
def tokenizer(family: str) -> PublishedTokenizer:
    return load_tokenizer(GOLDENS / family)


@cache
def expected(family: str) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((GOLDENS / family / "expected.json").read_text())
    return answers


def control_ids(family: str) -> frozenset[int]:
    """The ids that only a template may write."""
    return frozenset(tokenizer(family)._pieces.controls.values())


def comparable(answers: dict[str, Any], text: str) -> bool:
    """Whether the reference encodes a text as the published model does.

    Its own conversion of a SentencePiece model with a space before every text (Llama 2) puts none
    where the text begins with one, so that " a" reads as "a".
    """
    return answers["class"] != "LlamaTokenizer" or not text.startswith((" ", "\u2581"))
