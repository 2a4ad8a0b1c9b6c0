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


def has_json(family: str) -> bool:
    return (GOLDENS / family / "tokenizer.json").exists()


def control_ids(family: str) -> frozenset[int]:
    """The ids that only a template may write."""
    return frozenset(tokenizer(family)._pieces.controls.values())


def comparable(answers: dict[str, Any], text: str) -> bool:
    """Whether the reference encodes a text as the published model does.

    Its own conversion of a SentencePiece model with a space before every text (Llama 2) puts none
    where the text begins with one, so that " a" reads as "a".
    """
    return answers["class"] != "LlamaTokenizer" or not text.startswith((" ", "\u2581"))


def copied(folder: Path, family: str, **changes: Any) -> Path:
    """The tokenizer of a family in a folder of its own, with other words in its config."""
    tokenizer(family).save(folder)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**config, **changes}))
    if "chat_template" in changes:
        (folder / "chat_template.jinja").unlink(missing_ok=True)
    return folder
