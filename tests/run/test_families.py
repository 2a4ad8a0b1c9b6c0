"""A round of the game with a checkpoint of every family from disk, whole or as adapters over it."""

from pathlib import Path

import jax
import numpy as np
import pytest

from sandbox import Sandbox
from sinq_jax.batching import Shape, Weighted, rollout_batch
from sinq_jax.config import Players
from sinq_jax.experiment import Experiment
from sinq_jax.game.store import GameStore
from sinq_jax.learning.losses import score
from sinq_jax.metrics import read_metrics
from sinq_jax.training import State
from tests.run.checkpoints import CONFIGS, write_checkpoint
from tests.run.with_checkpoint import ADAPTERS, NEW, played, with_checkpoint


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


@pytest.mark.parametrize("players", [Players(), ADAPTERS], ids=["whole", "adapters"])
@pytest.mark.parametrize("family", CONFIGS)
def test_a_checkpoint_of_the_family_plays_a_round_and_learns(
    family: str, players: Players, sandbox: Sandbox, tmp_path: Path
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
