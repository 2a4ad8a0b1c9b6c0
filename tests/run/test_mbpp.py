"""Rounds with real programs: MBPP's own file, unchanged, through the path of every other run."""

import os
from collections import Counter
from pathlib import Path

import pytest

from sinq_jax.config.files import REPOSITORY
from sinq_jax.game.store import GameStore
from sinq_jax.metrics import read_metrics
from tests.run.command import Command

DATA = Path(os.environ.get("SINQ_DATA", REPOSITORY / ".." / "shared" / "data"))
MBPP = DATA / "mbpp" / "mbpp.jsonl"


@pytest.mark.skipif(
    not MBPP.exists(),
    reason="needs mbpp/mbpp.jsonl: set SINQ_DATA to the folder that holds it",
)
def test_a_round_with_mbpp_completes_and_gives_every_refusal_a_reason(
    command: Command, tmp_path: Path
) -> None:
    done = command(
        tmp_path,
        "--config.programs.source=jsonl",
        f"--config.programs.path={MBPP}",
        "--config.rollout.prompt_tokens=256",
        "--config.rollout.generator_tokens=48",
        "--config.rollout.evaluator_tokens=48",
        "--config.warm_start.programs=24",
        "--config.warm_start.steps=4",
        "--config.warm_start.evaluator_batch=2",
        "--config.warm_start.generator_batch=2",
        "--config.learning.evaluator_batch=2",
        "--config.learning.generator_batch=2",
        "--config.selfplay.rounds=1",
        "--config.rollout.prompts_per_batch=4",
        "--config.benchmark.pairs=2",
    )
    assert done.returncode == 0, done.stderr
    assert "374 originals" in done.stderr
    with GameStore(tmp_path / "games.sqlite", readonly=True) as store:
        games = list(store.games())
    assert len(games) == 16
    assert {game.program.name.split("/")[0] for game in games} == {"mbpp"}
    refused = Counter(g.admission.reason for g in games if g.admission.verdict == "invalid")
    assert "" not in refused
    verdicts = Counter(game.admission.verdict for game in games)
    assert sum(verdicts.values()) == len(games)
    assert verdicts["invalid"] == refused.total()
    (row,) = [row for row in read_metrics(tmp_path) if "generator/games" in row]
    assert row["generator/games"] == len(games)
    assert row["generator/validity"] == verdicts["diverges"] / len(games)
