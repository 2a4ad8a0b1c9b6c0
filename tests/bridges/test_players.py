"""Claims about players: who owns which weights, and who learns from what."""

import jax
import numpy as np
import pytest

from sinq_jax.batching import Example, Shape, Weighted, example_batch, rollout_batch
from sinq_jax.players import ROLES, Lesson, Players
from tests.arrays.compilations import no_compilation
from tests.bridges.scene import DECODING, GROUP, SPEC, TOKENIZER, learner, players, roller

SHAPE = Shape(rows=4, prompt=16, group=GROUP, new=DECODING.new_tokens)
SHARED, APART = learner(), learner(shared=False)


def lesson(role: str = "evaluator", *, share: float = 1.0) -> Lesson:
    examples = [Example(f"{letter} ->", (letter * 2,)) for letter in "abcd"]
    return Lesson(role, "imitation", example_batch(TOKENIZER, examples, SHAPE), share)


def host(tree: Players) -> Players:
    return jax.tree.map(np.array, tree)


def changed(before: Players, after: Players, name: str) -> bool:
    pairs = zip(jax.tree.leaves(before[name]), jax.tree.leaves(after[name]), strict=True)
    return any((ours != theirs).any() for ours, theirs in pairs)


@pytest.fixture
def apart() -> Players:
    return APART.new_players(jax.random.key(0))


def test_fresh_players_have_an_optimizer_that_saw_nothing(apart: Players) -> None:
    for player in apart.values():
        wanted = APART.optimizer.init(player.params)
        assert jax.tree.structure(player.optimizer) == jax.tree.structure(wanted)
        for ours, theirs in zip(
            jax.tree.leaves(player.optimizer), jax.tree.leaves(wanted), strict=True
        ):
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)
        assert int(player.step) == 0
        assert all(leaf.committed for leaf in jax.tree.leaves(player))


def test_separate_players_start_apart_and_shared_ones_are_one(apart: Players) -> None:
    generator, evaluator = (APART.params(apart, role) for role in ROLES)
    assert (np.asarray(generator["embedding"]) != np.asarray(evaluator["embedding"])).any()
    assert SHARED.params(players(), "generator") is SHARED.params(players(), "evaluator")


def test_the_same_key_makes_the_same_players() -> None:
    again = learner().new_players(jax.random.key(0))
    assert not changed(host(players()), host(again), "shared")
    assert changed(host(players()), host(learner().new_players(jax.random.key(1))), "shared")


def test_only_a_player_with_a_lesson_learns(apart: Players) -> None:
    before = host(apart)
    after, metrics = APART.update(apart, [lesson("evaluator")], 1e-2)
    assert changed(before, after, "evaluator")
    assert not changed(before, after, "generator")
    assert int(after["evaluator"].step) == 1
    assert all(name.startswith("learning/evaluator_") for name in metrics)


def test_lessons_of_both_roles_make_one_update_of_shared_weights() -> None:
    fresh = learner().new_players(jax.random.key(0))
    after, metrics = SHARED.update(fresh, [lesson("evaluator"), lesson("generator")], 1e-2)
    assert int(after["shared"].step) == 1
    losses = [metrics[f"learning/{role}_imitation_loss"] for role in ROLES]
    assert losses[0] == pytest.approx(losses[1])


def test_imitation_is_learned() -> None:
    """Four answers by heart, within 60 steps."""
    current, losses = learner().new_players(jax.random.key(0)), []
    for _ in range(60):
        current, metrics = SHARED.update(current, [lesson()], 3e-2)
        losses.append(metrics["learning/evaluator_imitation_loss"])
    assert losses[0] > 4  # log 261 is 5.6
    assert losses[-1] < 0.5
    assert "learning/evaluator_imitation_logprob_gap" not in metrics


def test_the_trainer_finds_the_samplers_logprobs_again() -> None:
    """The gap says at once when mask, positions, stop token or weights of the two disagree."""
    fresh = learner().new_players(jax.random.key(0))
    prompts = ["a", "bc", "def f(x):", "    return"]
    groups = list(roller()(fresh["shared"].params, prompts, GROUP, DECODING, jax.random.key(3)))
    weighted = [Weighted(group, np.array([1.0, -1.0], np.float32)) for group in groups]
    policy = Lesson("generator", "policy", rollout_batch(weighted, SHAPE), 1.0)
    _, metrics = SHARED.update(fresh, [policy], 1e-3)
    assert metrics["learning/generator_policy_logprob_gap"] < 1e-5
    assert metrics["learning/generator_policy_tokens"] == sum(g.lengths.sum() for g in groups)


def test_later_updates_compile_nothing() -> None:
    current, _ = SHARED.update(learner().new_players(jax.random.key(0)), [lesson()], 1e-3)
    with no_compilation():
        current, _ = SHARED.update(current, [lesson(share=0.5)], 2e-3)
    assert int(current["shared"].step) == 2
    assert current["shared"].params["embedding"].shape == (SPEC.vocab, SPEC.width)
