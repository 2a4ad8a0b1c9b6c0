"""Claims about players that are adapters over one frozen model: what learns, and how they play."""

from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from sinq_jax.batching import Weighted, rollout_batch
from sinq_jax.learning.train_step import new_player
from sinq_jax.mesh import make_mesh
from sinq_jax.models.lora import AdapterSpec, stack_adapters
from sinq_jax.models.transformer import Params, init_params
from sinq_jax.origins import FromCheckpoint, OverFrozen
from sinq_jax.players import ROLES, Learner, Lesson, Players
from tests.arrays.compilations import no_compilation
from tests.bridges.scene import DECODING, GROUP, SPEC, learner, roller
from tests.bridges.test_players import SHAPE, changed, host, lesson

ADAPTER = AdapterSpec(rank=2, alpha=4.0, targets=("query", "output", "down"))
TUNED = replace(SPEC, adapter_scale=ADAPTER.scale)
DESCENT = optax.scale(-1.0)  # parameters move by the gradient itself, so that it can be read off
ROLLER = replace(roller(), spec=TUNED)
PROMPTS = ["a", "bc", "def f(x):", "    return"]


@cache
def base() -> Params:
    return init_params(SPEC, jax.random.key(7))


def over_frozen(dtype: str = "float32", given: Params | None = None) -> Learner:
    """Two adapters over one base, whose weights have ``dtype``."""
    frozen = jax.tree.map(lambda leaf: leaf.astype(dtype), base())
    origin = OverFrozen(TUNED, make_mesh(-1, 1, 1), ADAPTER, lambda: frozen, given=given or {})
    return replace(learner(shared=False), origin=origin)


def noise(like: Params, seed: int) -> Params:
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: jnp.array(0.3 * rng.normal(size=leaf.shape), "float32"), like)


def merge(weights: Params, adapters: Params) -> Params:
    """One matrix for each frozen one and its adapter."""
    axes = {"query": "lir,lrhd->lihd", "output": "lhdr,lre->lhde", "down": "lmr,lre->lme"}
    layers = {
        name: weights["layers"][name]
        + ADAPTER.scale * jnp.einsum(axis, adapters[name]["a"][:, 0], adapters[name]["b"][:, 0])
        for name, axis in axes.items()
    }
    return {**weights, "layers": {**weights["layers"], **layers}}


def different(trained: Learner) -> Players:
    """Players whose adapters do something, each something else."""
    fresh = trained.new_players(jax.random.key(0))
    return {
        role: player._replace(params=noise(player.params, index))
        for index, (role, player) in enumerate(fresh.items())
    }


def test_a_fresh_adapter_changes_nothing() -> None:
    trained = over_frozen()
    fresh = trained.new_players(jax.random.key(0))
    plain = list(ROLLER(base(), PROMPTS, GROUP, DECODING, jax.random.key(3)))
    for role in ROLES:
        ours = trained.params(fresh, role)
        groups = ROLLER(ours, PROMPTS, GROUP, DECODING, jax.random.key(3))
        for group, other in zip(groups, plain, strict=True):
            np.testing.assert_array_equal(group.tokens, other.tokens)


def test_only_adapters_are_players_and_their_moments_are_float32() -> None:
    fresh = over_frozen("bfloat16").new_players(jax.random.key(0))
    shapes = {leaf.shape for leaf in jax.tree.leaves(fresh["generator"].params)}
    width, heads, size, mlp = SPEC.width, SPEC.heads, SPEC.head_dim, SPEC.mlp
    assert shapes == {
        (1, 1, width, 2),
        (1, 1, 2, heads, size),
        (1, 1, heads, size, 2),
        (1, 1, 2, width),
        (1, 1, mlp, 2),
    }
    kinds = {str(leaf.dtype) for leaf in jax.tree.leaves(fresh["generator"].optimizer)}
    assert kinds == {"float32", "int32"}
    assert changed(host(fresh), {"generator": host(fresh)["evaluator"]}, "generator")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_adapters_learn_and_their_base_stays_bit_for_bit(dtype: str) -> None:
    trained = over_frozen(dtype)
    before = host(trained.origin.base)
    players, losses = trained.new_players(jax.random.key(0)), []
    other = host(players["generator"])
    for _ in range(40):
        players, metrics = trained.update(players, [lesson("evaluator")], 3e-2)
        losses.append(metrics["learning/evaluator_imitation_loss"])
    assert losses[-1] < losses[0] - 1  # frozen output vectors of length 1 bound the logits
    jax.tree.map(np.testing.assert_array_equal, before, host(trained.origin.base))
    jax.tree.map(np.testing.assert_array_equal, other, host(players["generator"]))


def test_the_gradient_of_an_adapter_is_that_of_the_merged_weights_through_it() -> None:
    """W + scale a b: the gradient with respect to b is scale a^T dW (chain rule)."""
    trained = over_frozen()
    players = different(trained)
    merged = merge(base(), players["evaluator"].params)
    whole = replace(learner(), optimizer=DESCENT)
    ours = replace(trained, optimizer=DESCENT)
    start = {"shared": new_player(jax.tree.map(jnp.copy, merged), DESCENT)}
    adapters = {
        role: new_player(jax.tree.map(jnp.copy, each.params), DESCENT)
        for role, each in players.items()
    }
    full, _ = whole.update(start, [lesson("evaluator")], 1.0)
    tuned, _ = ours.update(adapters, [lesson("evaluator")], 1.0)
    step = merged["layers"]["down"] - full["shared"].params["layers"]["down"]
    was, now = (each["evaluator"].params["down"] for each in (players, tuned))
    wanted = ADAPTER.scale * jnp.einsum("lmr,lme->lre", was["a"][:, 0], step)
    # float32 sums of some dozens of terms of order 0.1
    np.testing.assert_allclose((was["b"] - now["b"])[:, 0], wanted, atol=1e-5)


def test_rows_of_both_roles_in_one_batch_get_what_each_role_gets_alone() -> None:
    trained = over_frozen()
    players = different(trained)
    key, rows = jax.random.key(3), [0, 1, 0, 1]
    both = trained.params_of_both(players)
    mixed = list(ROLLER(both, PROMPTS, GROUP, DECODING, key, rows))
    alone = [
        list(ROLLER(trained.params(players, role), PROMPTS, GROUP, DECODING, key)) for role in ROLES
    ]
    assert any((one.tokens != two.tokens).any() for one, two in zip(*alone, strict=True))
    for index, row in enumerate(rows):
        np.testing.assert_array_equal(mixed[index].tokens, alone[row][index].tokens)
        # The same terms in another order: float32 sums over eight channels.
        np.testing.assert_allclose(mixed[index].logprobs, alone[row][index].logprobs, atol=1e-5)


def test_the_trainer_finds_the_samplers_logprobs_again_over_a_narrow_base() -> None:
    trained = over_frozen("bfloat16")
    players = different(trained)
    params = trained.params(players, "generator")
    groups = list(ROLLER(params, PROMPTS, GROUP, DECODING, jax.random.key(3)))
    weighted = [Weighted(group, np.array([1.0, -1.0], np.float32)) for group in groups]
    policy = Lesson("generator", "policy", rollout_batch(weighted, SHAPE), 1.0)
    _, metrics = trained.update(players, [policy], 1e-3)
    assert metrics["learning/generator_policy_logprob_gap"] < 1e-5


def test_later_updates_of_adapters_compile_nothing() -> None:
    trained = over_frozen()
    players, _ = trained.update(trained.new_players(jax.random.key(0)), [lesson()], 1e-3)
    with no_compilation():
        players, _ = trained.update(players, [lesson(share=0.5)], 2e-3)
    assert int(players["evaluator"].step) == 2


def test_players_begin_with_the_adapters_that_are_given() -> None:
    given = noise(ADAPTER.fresh(SPEC, jax.random.key(1)), seed=5)
    trained = over_frozen(given={"evaluator": lambda: given})
    players = trained.new_players(jax.random.key(0))
    jax.tree.map(np.testing.assert_array_equal, players["evaluator"].params, given)
    assert not np.any(players["generator"].params["query"]["b"])


def test_a_checkpoint_is_read_once_for_both_players_and_each_has_its_own_copy() -> None:
    reads = []

    def load() -> Params:
        reads.append(1)
        return jax.tree.map(jnp.copy, base())

    origin = FromCheckpoint(SPEC, make_mesh(-1, 1, 1), load=load)
    trained = replace(learner(shared=False), origin=origin)
    players = trained.new_players(jax.random.key(0))
    assert len(reads) == 1
    before = host(players)
    jax.tree.map(np.testing.assert_array_equal, before["generator"].params, host(base()))
    players, _ = trained.update(players, [lesson("evaluator")], 1e-2)
    assert changed(before, players, "evaluator")
    assert not changed(before, players, "generator")


@pytest.mark.parametrize("trained", [over_frozen(), learner(), learner(shared=False)])
def test_the_template_is_what_players_look_like_and_where_they_lie(trained: Learner) -> None:
    players = trained.new_players(jax.random.key(0))
    template = trained.template()
    assert jax.tree.structure(template) == jax.tree.structure(players)
    for like, leaf in zip(jax.tree.leaves(template), jax.tree.leaves(players), strict=True):
        assert (like.shape, like.dtype, like.sharding) == (leaf.shape, leaf.dtype, leaf.sharding)


def test_stacked_adapters_lie_side_by_side() -> None:
    each = [noise(ADAPTER.fresh(SPEC, jax.random.key(1)), seed) for seed in (1, 2)]
    stacked = stack_adapters(each)
    for index, one in enumerate(each):
        jax.tree.map(
            lambda all_, own, i=index: np.testing.assert_array_equal(all_[:, i], own[:, 0]),
            stacked,
            one,
        )
