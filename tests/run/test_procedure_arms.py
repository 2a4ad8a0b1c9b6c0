"""Every way to set the paper's procedure up comes to its end, and DPO does what it is for."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from sandbox import Sandbox
from sinq_jax.config import Config, Paper
from sinq_jax.config import Players as PlayersConfig
from sinq_jax.curriculum import generator_training
from sinq_jax.experiment import Experiment, assemble
from sinq_jax.fitting import begin_again, fit
from sinq_jax.game.records import Proposal
from sinq_jax.interruption import Interruption
from sinq_jax.metrics import read_metrics
from sinq_jax.paper.judged import Judged
from sinq_jax.paper.sets import sets_of
from sinq_jax.preparation import prepare
from sinq_jax.procedure import PaperRun
from sinq_jax.progress import Progress
from sinq_jax.randomness import device_key
from sinq_jax.trained import open_run
from sinq_jax.training import State
from tests.run.checkpoints import write_checkpoint
from tests.run.small import get_config as small
from tests.run.with_checkpoint import ADAPTERS, with_checkpoint

QUICK = Paper(sequences=2, sequence_tokens=192, pairs=2, evaluator_updates=2)


def by_paper(config: Config, paper: Paper) -> Config:
    learning = replace(config.learning, procedure="paper", updates=2)
    config = replace(config, learning=learning, paper=paper)
    config.check()
    return config


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arms")


def played(config: Config, workdir: Path, sandbox: Sandbox) -> tuple[Experiment, State]:
    workdir.mkdir(exist_ok=True)
    experiment = assemble(config, prepare(config, workdir, sandbox), sandbox)
    with PaperRun(experiment, workdir, Progress()) as run:
        return experiment, run.train(Interruption())


def separate(config: Config) -> Config:
    """Players with a base of their own each, from a warm start that teaches nothing."""
    warm = replace(config.warm_start, steps=2, evaluator_batch=2, generator_batch=2)
    return replace(
        config,
        players=PlayersConfig(shared=False),
        warm_start=warm,
        selfplay=replace(config.selfplay, rounds=1, originals=2, variants=2, answers=2),
        learning=replace(config.learning, accumulation=2),
        benchmark=replace(config.benchmark, pairs=2, samples=2, originals=2),
    )


def test_where_there_is_nothing_to_learn_both_players_end_as_their_bases(
    folder: Path, sandbox: Sandbox
) -> None:
    config = by_paper(separate(small()), replace(QUICK, objective="preferences"))
    _, state = played(config, folder / "separate", sandbox)
    players = state.players
    assert players.keys() == {"generator", "evaluator", "generator_base", "evaluator_base"}
    rows = read_metrics(folder / "separate")
    assert (rows[-1]["round"], rows[-1]["step"]) == (2, 2 + 2 + 2)
    learned = {name: row[name] for row in rows for name in row if name.endswith("_rows")}
    assert learned["learning/generator_rows"] == learned["learning/evaluator_rows"] == 0
    for role in ("generator", "evaluator"):
        same = jax.tree.map(np.array_equal, players[role].params, players[f"{role}_base"].params)
        assert all(jax.tree.leaves(same))
        assert int(players[role].step) == 0


def test_adapters_over_a_checkpoint_play_and_learn_through_its_chat_template(
    folder: Path, sandbox: Sandbox
) -> None:
    """And what a run has made of them can be opened again, to ask them or to take them along."""
    path = write_checkpoint(folder / "qwen2", "qwen2")
    config = with_checkpoint(path, replace(ADAPTERS, shared=True), chat=True)
    config = by_paper(config, replace(QUICK, sequence_tokens=384))
    _, state = played(config, folder / "adapters", sandbox)
    assert state.players.keys() == {"generator", "evaluator", "base"}
    trained = open_run(folder / "adapters", config)
    assert trained.players.keys() == {"generator", "evaluator"}
    for role, player in trained.players.items():
        same = jax.tree.map(np.array_equal, player.params, state.players[role].params)
        assert all(jax.tree.leaves(same))


def test_preferring_hard_variants_begins_at_log_2_and_then_prefers_them(
    folder: Path, sandbox: Sandbox
) -> None:
    config = by_paper(small(), replace(QUICK, objective="preferences", beta=0.5))
    (folder / "dpo").mkdir()
    experiment = assemble(config, prepare(config, folder / "dpo", sandbox), sandbox)
    variants = []
    for place, pair in enumerate(experiment.pairs):
        proposal = Proposal(pair.variant, pair.inputs[0])
        text = experiment.form.generator_completion(pair.original, proposal)
        variants.append(Judged(pair.original, proposal, text, 9 if place % 2 else 1, None))
    sets = sets_of(variants, 0)
    assert len(sets.preferences) >= 3
    learner = experiment.learner
    base = learner.new_players(device_key(0, "players"))["generator"]
    training = generator_training(experiment, sets, base, 1, 0)
    assert training.counts["rows"] == len(sets.preferences)
    player = begin_again(learner, base.params, "generator")
    told = []
    for _, batch in zip(range(30), training.batches, strict=False):
        player, report = fit(learner, player, training.criterion, batch, 3e-3)
        told.append(report)
    # float32 sums of some 20 log-probabilities, computed by two programs.
    assert told[0]["loss"] == pytest.approx(np.log(2), abs=1e-4)
    assert told[0]["count"] == 2
    assert told[-1]["loss"] < 0.2
    assert told[-1]["accuracy"] == 1.0
    assert {*training.named(told[0])} == {
        f"learning/generator_preferences_{name}"
        for name in ("loss", "margin", "accuracy", "pairs", "grad_norm")
    }
