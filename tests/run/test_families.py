"""A round of the game with a checkpoint of every family from disk, whole or as adapters over it."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from sandbox import Sandbox
from sinq_jax.batching import Shape, Weighted, rollout_batch
from sinq_jax.config import Config, Model, Prompts, Rollout, Selfplay, Tokenizer, WarmStart
from sinq_jax.config import Players as PlayersConfig
from sinq_jax.experiment import Experiment, assemble
from sinq_jax.game.store import GameStore
from sinq_jax.interruption import Interruption
from sinq_jax.learning.losses import score
from sinq_jax.metrics import read_metrics
from sinq_jax.preparation import prepare
from sinq_jax.progress import Progress
from sinq_jax.training import Run, State
from tests.run.checkpoints import CONFIGS, write_checkpoint
from tests.run.small import get_config

NEW = 96
ADAPTERS = PlayersConfig(shared=False, adapter_rank=4, adapter_alpha=8.0)


def with_checkpoint(path: Path, players: PlayersConfig, chat: bool) -> Config:
    """One round that teaches what random weights do: nothing. Both roles have batches of the same
    shapes, so that few programs are compiled.
    """
    config = get_config()
    learning = replace(config.learning, updates=1, evaluator_batch=2, generator_batch=2)
    return replace(
        config,
        model=Model(path=str(path)),
        tokenizer=Tokenizer("checkpoint"),
        prompts=Prompts(style="program", chat=chat),
        players=players,
        warm_start=WarmStart(pairs=0, steps=0, labels=1),
        selfplay=Selfplay(rounds=1, originals=2, variants=2, answers=2),
        rollout=Rollout(
            prompt_tokens=256, generator_tokens=NEW, evaluator_tokens=NEW, prompts_per_batch=2
        ),
        learning=replace(learning, evaluator_groups=2, generator_groups=2),
        benchmark=replace(config.benchmark, pairs=2, samples=2, originals=2),
    )


def played(config: Config, workdir: Path, sandbox: Sandbox) -> tuple[Experiment, State]:
    config.check()
    experiment = assemble(config, prepare(config, workdir, sandbox), sandbox)
    with Run(experiment, workdir, Progress()) as run:
        return experiment, run.train(Interruption())


def largest_gap(experiment: Experiment, state: State) -> float:
    """Between the sampler's and the trainer's log-probability of any sampled token."""
    learner = experiment.learner
    prompts = [experiment.form.generator_prompt(each, 5) for each in experiment.playable[:2]]
    params = learner.params(state.players, "generator")
    decoding = experiment.decoding(NEW)
    groups = list(experiment.roller(params, prompts, 2, decoding, jax.random.key(0)))
    weights = np.ones(2, np.float32)
    batch = rollout_batch([Weighted(group, weights) for group in groups], Shape(2, 256, 2, NEW))
    logprobs = jax.jit(score, static_argnums=0)(learner.spec, params, batch).logprobs
    there = np.arange(NEW) < np.asarray(batch.completion_length)[..., None]
    return float(np.abs(np.asarray(logprobs) - batch.behaviour)[there].max())


@pytest.mark.parametrize("players", [PlayersConfig(), ADAPTERS], ids=["whole", "adapters"])
@pytest.mark.parametrize("family", CONFIGS)
def test_a_checkpoint_of_the_family_plays_a_round_and_learns(
    family: str, players: PlayersConfig, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = write_checkpoint(tmp_path / "checkpoint", family)
    chat = players is ADAPTERS
    workdir = tmp_path / "run"
    workdir.mkdir()
    experiment, state = played(with_checkpoint(path, players, chat), workdir, sandbox)
    assert {int(player.step) for player in state.players.values()} == {1}
    finite = jax.tree.map(lambda leaf: bool(np.isfinite(np.asarray(leaf)).all()), state.players)
    assert all(jax.tree.leaves(finite))
    (before, *_, after) = [row for row in read_metrics(workdir) if "benchmark/success" in row]
    assert (before["step"], after["step"]) == (0, 1)
    with GameStore(workdir / "games.sqlite", readonly=True) as store:
        assert len(list(store.games(1))) == 4
    # float32 through two layers: what is seen is some 1e-6, a wrong mask or position shows at 1e-2
    assert largest_gap(experiment, state) < 1e-4
