"""The authors' release through everything: taken in, learned from, exported, and taken in again."""

import os
import re
from pathlib import Path

import pytest

from sinq_jax.config.files import REPOSITORY
from sinq_jax.game.published import Published, read_published
from sinq_jax.intake.__main__ import main as intake
from sinq_jax.metrics import read_metrics
from tests.run.command import Command

DATA = Path(os.environ.get("SINQ_DATA", REPOSITORY / ".." / "shared" / "data"))
RELEASE = DATA / "sinq_release"
QUICK = ("--workers", "2", "--timeout", "0.1")
FEW_STEPS = (
    "--config.prompts.style=program",
    "--config.warm_start.pairs=0",
    "--config.warm_start.steps=10",
    "--config.warm_start.log_every=2",
    "--config.warm_start.labels=1",
    "--config.warm_start.evaluator_batch=2",
    "--config.warm_start.generator_batch=2",
    "--config.selfplay.rounds=0",
    "--config.rollout.prompt_tokens=896",
    "--config.rollout.generator_tokens=896",
    "--config.rollout.evaluator_tokens=48",
    "--config.rollout.prompts_per_batch=2",
    "--config.benchmark.pairs=2",
    "--config.benchmark.samples=1",
    "--config.benchmark.originals=2",
)


def taken_in(out: Path, *paths: Path | str) -> list[Published]:
    """What is judged again and kept."""
    assert intake([*map(str, paths), "--out", str(out), *QUICK]) == 0
    with (out / "published.jsonl").open(encoding="utf-8") as file:
        return list(read_published(file))


@pytest.mark.skipif(
    not RELEASE.exists(),
    reason="needs sinq_release/: set SINQ_DATA to the folder that holds it",
)
def test_the_release_is_learned_from_and_comes_out_as_it_went_in(
    command: Command, tmp_path: Path
) -> None:
    files = sorted(RELEASE.glob("finetuning*.jsonl"))
    kept = taken_in(tmp_path / "in", *files, "--limit=8")
    assert len(kept) > 20
    run, games = tmp_path / "run", tmp_path / "in" / "published.jsonl"
    flags = (*FEW_STEPS, f"--config.warm_start.games={games}")
    done = command(run, *flags)
    assert done.returncode == 0, done.stderr
    told = re.search(r"(\d+) published games to learn from; left out: 0 of", done.stderr)
    assert told is not None
    assert 10 < int(told[1]) <= len(kept)
    rows = [row for row in read_metrics(run) if "learning/generator_imitation_loss" in row]
    for role in ("generator", "evaluator"):
        losses = [row[f"learning/{role}_imitation_loss"] for row in rows]
        tokens = [row[f"learning/{role}_imitation_tokens"] for row in rows]
        assert losses[-1] < losses[0]
        assert min(tokens) > 0
    exported = command(run, *flags, "--job=export")
    assert exported.returncode == 0, exported.stderr
    again = taken_in(tmp_path / "again", run / "export" / "borrowed.chat.jsonl")
    assert again == kept
