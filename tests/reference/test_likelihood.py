"""Claim: continuations of texts are as likely as ``transformers`` finds them, from text to sum."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sinq_jax.benchmarks.asking import respondent
from sinq_jax.benchmarks.likelihood import likelihoods
from sinq_jax.benchmarks.suites.face import Comparison
from sinq_jax.config import Config, Model, Tokenizer
from sinq_jax.trained import open_beginning
from tests.run.checkpoints import write_checkpoint

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("SINQ_REFERENCE_PYTHON", "")
CLOSE = 1e-4
"""What is asked for; sums of some hundred log-probabilities in float32 differ by some 1e-5."""

TEXTS = [
    ("def f(x):\n    return", [" x + 1", " x - 1\n"]),
    ("for i in range(1", ["0):\n", "00"]),
    ("x = retu", ["rn", "ral"]),
    ("Answer:", [" no", " yes"]),
    ("len, print = print, len\n" * 12, ["print(len)\n" * 6, "len(print)\n" * 6, "pass"]),
]

pytestmark = pytest.mark.skipif(
    not PYTHON, reason="SINQ_REFERENCE_PYTHON names no interpreter that has transformers"
)


@pytest.mark.parametrize("family", ["qwen2", "gemma2", "llama"])
def test_likelihoods_are_those_of_the_reference(family: str, tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / family, family)
    (tmp_path / "texts.json").write_text(json.dumps(TEXTS))
    command = [PYTHON, "-m", "tests.reference.ask_likelihood", folder, tmp_path / "texts.json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)

    config = replace(
        Config(), model=Model(path=str(folder)), tokenizer=Tokenizer(kind="checkpoint")
    )
    who = respondent(open_beginning(config), "evaluator")
    comparisons = [Comparison(context, tuple(some), 0) for context, some in TEXTS]
    for batch in likelihoods(who, comparisons):
        for asked in batch:
            ours = [logprob for logprob, _ in asked.found]
            assert ours == pytest.approx(theirs[asked.place], abs=CLOSE)
