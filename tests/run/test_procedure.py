"""A run by the paper's procedure: it trains anew from the base, and no kill changes a bit."""

import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from sandbox import Sandbox
from sinq_jax.checkpoint import Checkpoints
from sinq_jax.curriculum import generator_training
from sinq_jax.experiment import Experiment, assemble
from sinq_jax.export.job import write_export
from sinq_jax.fitting import begin_again, fit
from sinq_jax.game.store import GameStore
from sinq_jax.metrics import read_metrics
from sinq_jax.paper.sets import training_sets
from sinq_jax.players import Players
from sinq_jax.preparation import prepare
from sinq_jax.procedure import PaperRun, rate_of, run_of
from sinq_jax.progress import Progress
from sinq_jax.same import differences
from sinq_jax.stages import Stages
from sinq_jax.training import Run
from tests.paper.scene import game
from tests.run.command import Command
from tests.run.paper import get_config

CONFIG = "tests/run/paper.py"
LIVES = (
    ("sampling", 8),  # round 1: the two benchmarks before it make three calls each
    ("saving", 1),  # the games of round 1 are written, and not yet part of a checkpoint
    ("training anew", 12),  # the second stretch of the generator's first training
)
MIDDLE = "resuming after round 1, step 90"
"""The first stretch was saved: what is left of the training begins with its eleventh batch."""

PREFERRING = (
    "--config.paper.objective=preferences",
    "--config.paper.pairs=1",  # the round has two: their order matters
    "--config.selfplay.rounds=1",
)


@pytest.fixture(scope="module")
def finished(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workdir of a run that nothing ever stopped. Not to be written to."""
    workdir = tmp_path_factory.mktemp("paper")
    done = command(workdir, config=CONFIG)
    assert done.returncode == 0, done.stderr
    assert "the generator learns from" in done.stderr
    return workdir


def test_a_run_that_dies_again_and_again_ends_like_one_that_never_did(
    command: Command, finished: Path, tmp_path: Path
) -> None:
    for moment, call in LIVES:
        done = command.until(tmp_path, moment, call, "SIGKILL", config=CONFIG)
        assert done.returncode == -signal.SIGKILL, (moment, call, done.stderr)
    done = command(tmp_path, config=CONFIG)
    assert done.returncode == 0, done.stderr
    assert MIDDLE in done.stderr
    assert list(differences(finished, tmp_path)) == []


def test_preferences_that_are_killed_half_learned_end_like_those_that_were_not(
    command: Command, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    done = command(one, *PREFERRING, config=CONFIG)
    assert done.returncode == 0, done.stderr
    killed = command.until(other, *LIVES[-1], "SIGKILL", *PREFERRING, config=CONFIG)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = command(other, *PREFERRING, config=CONFIG)
    assert done.returncode == 0, done.stderr
    assert MIDDLE in done.stderr
    assert list(differences(one, other)) == []
    rows = [row for row in read_metrics(other) if "learning/generator_preferences_loss" in row]
    assert [row["learning/generator_preferences_pairs"] for row in rows] == [1, 1]
    assert rows[-1]["learning/generator_rows"] == 2
    assert rows[-1]["learning/generator_preferences_margin"] > 0


@pytest.fixture(scope="module")
def experiment(finished: Path, sandbox: Sandbox) -> Experiment:
    return assemble(get_config(), prepare(get_config(), finished, sandbox), sandbox)


@pytest.fixture(scope="module")
def ended(finished: Path, experiment: Experiment, tmp_path_factory: Any) -> Players:
    """The players at the end of the run, and their base."""
    run = PaperRun(experiment, tmp_path_factory.mktemp("unused"), Progress())
    with run:
        restored = Checkpoints(finished / "checkpoints", 1).restore(run._template())
    assert restored is not None
    return restored.players


def equal(one: Any, other: Any) -> bool:
    return all(jax.tree.leaves(jax.tree.map(np.array_equal, one, other)))


def test_both_players_made_the_steps_of_one_training_from_their_base(ended: Players) -> None:
    config = get_config()
    assert ended.keys() == {"generator", "evaluator", "generator_base", "evaluator_base"}
    steps = {"generator": config.learning.updates, "evaluator": config.paper.evaluator_updates}
    for role, made in steps.items():
        assert int(ended[f"{role}_base"].step) == config.warm_start.steps
        assert int(ended[role].step) == made
        assert not equal(ended[role].params, ended[f"{role}_base"].params)


def test_the_last_generator_is_the_base_trained_on_the_games_of_all_rounds(
    finished: Path, experiment: Experiment, ended: Players
) -> None:
    config, learner = experiment.config, experiment.learner
    with GameStore(finished / "games.sqlite", readonly=True) as store:
        assert store.rounds() == [1, 2]
        sets = training_sets(store.games(), config.seed)
    stage = next(
        each for each in Stages.of(config).all if each.kind == "generator" and each.tick.round == 2
    )
    training = generator_training(experiment, sets, ended["generator_base"], 2, 0)
    player = begin_again(learner, ended["generator_base"].params, "generator")
    for step, batch in zip(range(config.learning.updates), training.batches, strict=False):
        rate = rate_of(config, stage, stage.first + step)
        player, _ = fit(learner, player, training.criterion, batch, rate)
    assert equal(player, ended["generator"])


def test_metrics_tell_what_each_training_learned_from_and_exports_hold_the_same(
    finished: Path, tmp_path: Path
) -> None:
    rows = read_metrics(finished)
    config = get_config()
    assert rows[-1]["step"] == config.warm_start.steps + config.later_steps
    assert rows[-1]["round"] == config.selfplay.rounds + 1
    learned = [row for row in rows if "learning/generator_rows" in row][-1]
    losses = [
        row["learning/generator_supervised_loss"]
        for row in rows
        if row["round"] == 1 and "learning/generator_supervised_loss" in row
    ]
    assert losses == sorted(losses, reverse=True)
    with GameStore(finished / "games.sqlite", readonly=True) as store:
        sets = training_sets(store.games(), config.seed)
    assert learned["learning/generator_rows"] == len(sets.generator) + len(sets.prediction)
    assert learned["learning/generator_prediction_rows"] == len(sets.prediction) > 0
    told = [row for row in rows if "learning/evaluator_rows" in row][-1]
    assert told["learning/evaluator_rows"] == len(sets.evaluator) > 0
    assert "benchmark/gain" in rows[-1]
    for name in ("games.sqlite", "config.json"):
        (tmp_path / name).write_bytes((finished / name).read_bytes())
    written = write_export(config, tmp_path)
    assert written["generator.chat.jsonl"] == len(sets.generator)


def test_the_control_arm_is_a_run_like_any_other() -> None:
    config = get_config()
    assert run_of(config) is PaperRun
    assert run_of(replace(config, play=False)) is Run
    assert run_of(replace(config, learning=replace(config.learning, procedure="online"))) is Run


@pytest.mark.parametrize(("quirks", "level"), [(False, 5), (True, 4)])
def test_difficulty_is_measured_by_the_old_rule_where_the_config_asks_for_it(
    experiment: Experiment, tmp_path: Path, quirks: bool, level: int
) -> None:
    """Five right answers, four wrong and one unreadable: level 5 of 10, but 4 of 9."""
    config = experiment.config
    config = replace(config, paper=replace(config.paper, reference_quirks=quirks))
    with PaperRun(replace(experiment, config=config), tmp_path, Progress()) as run:
        run._remember([game(5, 4, 1)])
        assert [variant.level for variant in run._variants] == [level]
