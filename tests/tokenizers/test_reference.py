"""Claims of ``test_goldens.py``, put to the reference itself, with texts and ids at random."""

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.tokenizers import parity
from tests.tokenizers.cases import CODE, HOSTILE, TEXTS, request, said
from tests.tokenizers.families import GOLDENS, each_family, expected, tokenizer

PYTHON = os.environ.get("SINQ_REFERENCE_PYTHON", "")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="SINQ_REFERENCE_PYTHON names no interpreter that has transformers"
)

CHARACTERS = [*"ab_ \t\n\r<|>[]0'\"\u2581\u00e9\u0301\u4e2d\U0001f600\ufffd\0", "  ", "\r\n", "def"]


def ask(asked: dict[str, Any]) -> dict[str, Any]:
    script = Path(__file__).parent / "reference.py"
    done = subprocess.run(
        [PYTHON, str(script)], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def at_random(rng: random.Random) -> str:
    return "".join(rng.choices(CHARACTERS, k=rng.randrange(40)))


@each_family
def test_the_reference_says_what_is_stored_of_it(family: str) -> None:
    size = expected(family)["size"]
    assert {"size": size, **ask(request(GOLDENS / family, size))} == expected(family)


@each_family
def test_random_texts_ids_and_chats_agree_with_the_reference(family: str) -> None:
    rng = random.Random(family)
    size = expected(family)["size"]
    chats = [said(*(at_random(rng) for _ in range(rng.randrange(1, 6)))) for _ in range(40)]
    cuts = [CODE[rng.randrange(20) : rng.randrange(20, 90)] for _ in range(40)]
    asked = {
        **request(GOLDENS / family, size),
        "texts": [at_random(rng) for _ in range(400)] + cuts,
        "hostile": ["x" + at_random(rng).join((text, *TEXTS[3:5])) for text in HOSTILE],
        "ids": [
            [rng.randrange(rng.choice((size, 270))) for _ in range(rng.randrange(30))]
            for _ in range(400)
        ],
        "chats": chats,
    }
    told = ask(asked)
    parity.assert_same_texts(tokenizer(family), asked, told)
    parity.assert_same_decoding(tokenizer(family), asked, told)
    parity.assert_hostile_texts_are_plain(tokenizer(family), asked, told)
    parity.assert_same_chats(tokenizer(family), asked, told)
