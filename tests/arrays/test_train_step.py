"""Claims about one update: its gradient is the textbook's, however the batch is cut."""

from collections.abc import Sequence
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.train_step import (
    Player,
    StepReport,
    make_optimizer,
    new_player,
    train_step,
)
from sinq_jax.models.transformer import Params
from tests.arrays import plain
from tests.arrays.compilations import no_compilation
from tests.arrays.small import CLOSE, SPEC, group_batch, params

DESCENT = optax.scale(-1.0)  # parameters move by the gradient itself, so that it can be read off
ADAMW = make_optimizer(clip_norm=1.0, weight_decay=0.1, beta1=0.9, beta2=0.95)


def step(
    batches: Sequence[GroupBatch],
    *,
    optimizer: optax.GradientTransformation = DESCENT,
    shares: Sequence[float] = (1.0,),
    entropy: Sequence[float] = (0.0,),
    rate: float = 1.0,
    accumulation: int = 1,
) -> tuple[Player, StepReport]:
    fresh = new_player(jax.tree.map(jnp.copy, params()), optimizer)  # donated
    return train_step(
        SPEC,
        optimizer,
        fresh,
        tuple(batches),
        jnp.array(shares, jnp.float32),
        jnp.float32(rate),
        jnp.array(entropy, jnp.float32),
        accumulation,
    )


def gradient(player: Player) -> Params:
    """What ``DESCENT`` at rate 1 subtracted."""
    return jax.tree.map(lambda old, new: np.asarray(old - new), params(), player.params)


def plain_loss(weights: Params, batch: GroupBatch, entropy: float) -> float:
    """Mean over completion tokens of ``-weight x log p - entropy x H``, in numpy and float64."""
    total = 0.0
    for row, member, prompt, completion in plain.completions(batch):
        logs = plain.completion_logs(SPEC, weights, prompt, completion)
        chosen = logs[np.arange(len(completion)), completion]
        total -= batch.weight[row, member] * chosen.sum()
        total += entropy * (np.exp(logs) * logs).sum()
    return total / batch.completion_length.sum()


def slope(batch: GroupBatch, entropy: float, direction: Params) -> float:
    """The derivative of ``plain_loss`` along ``direction``, by central differences."""
    size = 1e-5

    def moved(by: float) -> Params:
        return jax.tree.map(lambda p, d: np.asarray(p, np.float64) + by * d, params(), direction)

    ahead, behind = (plain_loss(moved(by), batch, entropy) for by in (size, -size))
    return (ahead - behind) / (2 * size)


def product(one: Params, other: Params) -> float:
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return float(sum((np.asarray(a, np.float64) * b).sum() for a, b in pairs))


@cache
def directions() -> list[Params]:
    """One for each parameter, and one for all of them together."""
    rng = np.random.default_rng(0)
    noise = jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), params())
    paths = [path for path, _ in jax.tree_util.tree_leaves_with_path(noise)]
    alone = [
        jax.tree_util.tree_map_with_path(lambda path, leaf, p=p: leaf * (path == p), noise)
        for p in paths
    ]
    return [*alone, noise]


def imitation(seed: int) -> GroupBatch:
    batch = group_batch(seed)
    return batch._replace(weight=np.ones_like(batch.weight))


def assert_close(one: Params, other: Params, atol: float = 1e-5) -> None:
    """float32 gradients of order 0.1; the same terms in another order differ by some 1e-7."""
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=atol), one, other)


def test_weight_1_is_cross_entropy_and_its_gradient() -> None:
    batch = imitation(seed=0)
    player, report = step([batch])
    assert float(report.loss[0]) == pytest.approx(plain_loss(params(), batch, 0.0), abs=CLOSE)
    assert float(report.logprob[0]) == pytest.approx(-float(report.loss[0]), abs=CLOSE)
    assert float(report.tokens[0]) == batch.completion_length.sum()
    for direction in directions():
        wanted = slope(batch, 0.0, direction)
        assert product(gradient(player), direction) == pytest.approx(wanted, abs=CLOSE)
    norm = np.sqrt(product(gradient(player), gradient(player)))
    assert float(report.grad_norm) == pytest.approx(norm, rel=CLOSE)


def test_an_advantage_as_weight_gives_the_gradient_of_reinforce() -> None:
    """Mean over tokens of ``-A grad log p``, and of ``-b grad H`` beside it."""
    batch = group_batch(seed=1)
    player, report = step([batch], entropy=[0.2])
    assert float(report.loss[0]) == pytest.approx(plain_loss(params(), batch, 0.2), abs=CLOSE)
    for direction in directions():
        wanted = slope(batch, 0.2, direction)
        assert product(gradient(player), direction) == pytest.approx(wanted, abs=CLOSE)


def test_equal_rewards_teach_nothing() -> None:
    batch = group_batch(seed=2)
    player, report = step([batch._replace(weight=np.zeros_like(batch.weight))])
    assert float(report.grad_norm) == 0
    assert_close(player.params, params(), atol=0)


def test_a_batch_without_tokens_is_no_accident() -> None:
    batch = group_batch(seed=3)
    empty = batch._replace(completion_length=np.zeros_like(batch.completion_length))
    player, report = step([empty])
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves((player, report)))
    assert_close(player.params, params(), atol=0)


def test_micro_batches_add_up_to_the_whole_batch() -> None:
    """Also where they have unequal numbers of tokens."""
    batch = group_batch(seed=4)
    whole, cut = step([batch]), step([batch], accumulation=2)
    assert_close(gradient(cut[0]), gradient(whole[0]))
    for ours, theirs in zip(*map(jax.tree.leaves, (cut[1], whole[1])), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=CLOSE)


def test_batches_of_other_shapes_make_one_update_by_their_shares() -> None:
    first, second = group_batch(seed=5), group_batch(seed=6, rows=2, group=1, new=6)
    alone = [gradient(step([batch])[0]) for batch in (first, second)]
    both, report = step([first, second], shares=[0.7, 0.2], entropy=[0.0, 0.0])
    wanted = jax.tree.map(lambda a, b: 0.7 * a + 0.2 * b, *alone)
    assert_close(gradient(both), wanted)
    assert report.tokens.tolist() == [
        float(first.completion_length.sum()),
        float(second.completion_length.sum()),
    ]


def test_the_gap_is_the_distance_of_the_samplers_logprobs_on_sampled_tokens() -> None:
    batch = group_batch(seed=7)
    there = np.arange(4) < batch.completion_length[..., None]
    gaps = []
    for row, member, prompt, completion in plain.completions(batch):
        logs = plain.completion_logs(SPEC, params(), prompt, completion)
        ours = logs[np.arange(len(completion)), completion]
        if batch.sampled[row, member]:
            gaps += np.abs(ours - batch.behaviour[row, member][there[row, member]]).tolist()
    _, report = step([batch])
    assert float(report.logprob_gap[0]) == pytest.approx(np.mean(gaps), abs=CLOSE)


def test_the_first_update_of_adamw_is_the_textbooks() -> None:
    """Loshchilov and Hutter, algorithm 2, at t = 1: the corrected moments are g and g squared."""
    batch = imitation(seed=0)
    raw, report = step([batch])
    assert float(report.grad_norm) > 1  # so that clipping to 1 does something
    player, _ = step([batch], optimizer=ADAMW, rate=0.01)
    clipped = jax.tree.map(lambda leaf: leaf / float(report.grad_norm), gradient(raw))

    def moved(path: tuple[object, ...], old: jax.Array, grad: np.ndarray) -> np.ndarray:
        decay = 0.0 if "scale" in jax.tree_util.keystr(path) else 0.1
        return old - 0.01 * (grad / (np.abs(grad) + 1e-8) + decay * old)

    moment = optax.tree.get(player.optimizer, "mu")
    assert float(optax.tree.norm(moment)) == pytest.approx(0.1, rel=CLOSE)  # (1 - beta1) x 1
    wanted = jax.tree_util.tree_map_with_path(moved, params(), clipped)
    large = jax.tree.map(lambda grad: np.abs(grad) > 1e-5, clipped)  # others drown in rounding
    jax.tree.map(
        lambda a, b, where: np.testing.assert_allclose(a[where], b[where], atol=1e-4),
        player.params,
        wanted,
        large,
    )
    assert sum(where.sum() for where in jax.tree.leaves(large)) > 1000
    assert int(player.step) == 1


def test_later_steps_compile_nothing() -> None:
    one, other = group_batch(seed=0), group_batch(seed=8)
    player, _ = step([one], optimizer=ADAMW)
    settings = [
        (jnp.array([share], jnp.float32), jnp.float32(rate), jnp.array([bonus], jnp.float32))
        for share, rate, bonus in ((1.0, 0.01, 0.0), (0.5, 0.02, 0.1))
    ]
    with no_compilation():
        for batch, setting in zip((other, one), settings, strict=True):
            player, _ = train_step(SPEC, ADAMW, player, (batch,), *setting, 1)
    assert int(player.step) == 3
