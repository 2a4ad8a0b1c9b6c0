"""Claims about the reference: it stays what it was while the players learn, and it is kept."""

import shutil
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from sinq_jax.batching import Weighted, rollout_batch
from sinq_jax.checkpoint import CheckpointError
from sinq_jax.checkpoint_record import Progress
from sinq_jax.config import Config, Learning, Policy
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.objective import Objective
from sinq_jax.players import Learner, Lesson, Players
from sinq_jax.reference import Reference, reference_of
from tests.bridges.scene import DECODING, GROUP, learner, players, roller
from tests.bridges.test_adapters import base, different, over_frozen
from tests.bridges.test_players import SHAPE

SHARED = learner()
TAKEN = Progress(round=0, step=50, tick=5)


def sampled() -> GroupBatch:
    prompts = ["a", "bc", "def f(x):", "    return"]
    groups = roller()(players()["shared"].params, prompts, GROUP, DECODING, jax.random.key(3))
    return rollout_batch([Weighted(group, np.ones(GROUP, np.float32)) for group in groups], SHAPE)


def there(batch: GroupBatch) -> np.ndarray:
    lengths = np.asarray(batch.completion_length)[..., None]
    return np.arange(batch.completion.shape[-1]) < lengths


def learned(trained: Learner, current: Players, batch: GroupBatch) -> Players:
    lesson = Lesson("generator", "policy", batch, 1.0)
    return trained.update(current, [lesson], 1e-1)[0]


def test_it_is_what_the_players_were_and_comes_back_bit_for_bit(tmp_path: Path) -> None:
    batch, current = sampled(), SHARED.new_players(jax.random.key(0))
    reference = Reference(SHARED, tmp_path / "reference")
    reference.take(current, TAKEN)
    before = reference.logprobs("generator", batch)
    # It was asked what the sampler knew: both have one definition of a log-probability.
    np.testing.assert_allclose(before[there(batch)], batch.behaviour[there(batch)], atol=1e-5)
    current = learned(SHARED, current, batch)  # which donates what the players were
    np.testing.assert_array_equal(reference.logprobs("generator", batch), before)
    again = Reference(SHARED, tmp_path / "reference")
    again.restore()
    np.testing.assert_array_equal(again.logprobs("evaluator", batch), before)
    moved = Reference(SHARED, tmp_path / "elsewhere")
    moved.take(current, TAKEN)
    gap = np.abs(moved.logprobs("generator", batch) - before)[there(batch)]
    assert gap.max() > 1e-3


def test_one_that_is_gone_is_one_line(tmp_path: Path) -> None:
    reference = Reference(SHARED, tmp_path / "reference")
    reference.take(SHARED.new_players(jax.random.key(0)), TAKEN)
    shutil.rmtree(tmp_path / "reference")
    with pytest.raises(CheckpointError, match=r"reference: expected the reference .*, got none; "):
        Reference(SHARED, tmp_path / "reference").restore()


def test_each_adapter_has_its_own_and_the_base_is_that_of_all(tmp_path: Path) -> None:
    trained = over_frozen()
    reference = Reference(trained, tmp_path / "reference")
    reference.take(different(trained), TAKEN)
    batch = sampled()
    each = [reference.logprobs(role, batch)[there(batch)] for role in ("generator", "evaluator")]
    frozen = Reference(trained, None)
    frozen.take(different(trained), TAKEN)
    frozen.restore()
    both = [frozen.logprobs(role, batch)[there(batch)] for role in ("generator", "evaluator")]
    np.testing.assert_array_equal(*both)
    assert np.abs(each[0] - each[1]).max() > 1e-3
    assert np.abs(each[0] - both[0]).max() > 1e-3
    whole = Reference(SHARED, tmp_path / "whole")
    alone = players()["shared"]._replace(params=base())
    whole.take({"shared": alone}, TAKEN)
    # The same weights, with and without room for adapters.
    np.testing.assert_allclose(whole.logprobs("generator", batch)[there(batch)], both[0], atol=1e-6)


def test_a_divergence_pulls_the_player_back_to_the_reference(tmp_path: Path) -> None:
    batch = sampled()
    reference = Reference(SHARED, tmp_path / "reference")
    reference.take(SHARED.new_players(jax.random.key(0)), TAKEN)
    current = learned(SHARED, SHARED.new_players(jax.random.key(0)), batch)
    held = batch._replace(
        weight=np.zeros_like(batch.weight), reference=reference.logprobs("generator", batch)
    )
    lesson = Lesson("generator", "policy", held, 1.0, objective=Objective(kl=1.0))
    found = []
    for _ in range(12):
        current, metrics = SHARED.update(current, [lesson], 1e-2)
        found.append(metrics["learning/generator_policy_kl"])
    assert found[0] > 0.01
    assert found[-1] < found[0] / 2


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, False),
        ({"policy": Policy(evaluator_kl=0.1)}, True),
        ({"policy": Policy(evaluator_kl=0.1), "play": False}, False),
        (
            {
                "policy": Policy(generator_kl=0.1),
                "learning": Learning(algorithm="expert_iteration"),
            },
            False,
        ),
        ({"policy": Policy(generator_kl=0.1), "learning": Learning(procedure="paper")}, False),
    ],
)
def test_a_run_keeps_one_only_where_something_is_compared_with_it(
    changes: dict[str, object], wanted: bool, tmp_path: Path
) -> None:
    config = replace(Config(), **changes)  # type: ignore[arg-type]
    assert (reference_of(config, SHARED, tmp_path) is not None) is wanted
