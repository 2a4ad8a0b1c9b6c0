"""Claims about scoring and the loss: laying out a group as a tree changes nothing but the cost."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.learning.layout import GroupBatch, lay_out, token_mask
from sinq_jax.learning.losses import LossSums, score, weighted_loss
from tests.arrays import plain
from tests.arrays.small import CLOSE, SPEC, group_batch, params

jitted_score = jax.jit(score, static_argnums=0)
jitted_loss = jax.jit(weighted_loss, static_argnums=0)


def loss(batch: GroupBatch, entropy: float = 0.0) -> LossSums:
    sums: LossSums = jitted_loss(SPEC, params(), batch, jnp.float32(entropy))
    return jax.tree.map(float, sums)


def separate(batch: GroupBatch) -> GroupBatch:
    """The same completions, each as a row of its own under its own copy of the prompt."""
    rows, group, new = batch.completion.shape
    flat = rows * group
    return GroupBatch(
        prompt=np.repeat(batch.prompt, group, axis=0),
        prompt_length=np.repeat(batch.prompt_length, group),
        completion=batch.completion.reshape(flat, 1, new),
        completion_length=batch.completion_length.reshape(flat, 1),
        weight=batch.weight.reshape(flat, 1),
        behaviour=batch.behaviour.reshape(flat, 1, new),
        sampled=batch.sampled.reshape(flat, 1),
    )


def test_every_token_is_scored_as_in_a_sequence_of_its_own() -> None:
    batch = group_batch(seed=0)
    scores = jitted_score(SPEC, params(), batch)
    for row, member, prompt, completion in plain.completions(batch):
        logs = plain.completion_logs(SPEC, params(), prompt, completion)
        here = row, member, slice(len(completion))
        wanted = logs[np.arange(len(completion)), completion]
        np.testing.assert_allclose(scores.logprobs[here], wanted, atol=CLOSE)
        entropies = -(np.exp(logs) * logs).sum(axis=-1)
        np.testing.assert_allclose(scores.entropies[here], entropies, atol=CLOSE)


def test_a_group_row_and_separate_rows_have_the_same_loss() -> None:
    batch = group_batch(seed=1)
    one, other = loss(batch, 0.3), loss(separate(batch), 0.3)
    np.testing.assert_allclose(jax.tree.leaves(one), jax.tree.leaves(other), rtol=CLOSE)


def test_the_loss_sums_weights_times_logprobs_over_tokens_that_are_there() -> None:
    batch = group_batch(seed=2)
    sums = loss(batch, 0.3)
    scores = jitted_score(SPEC, params(), batch)
    there = np.arange(4) < batch.completion_length[..., None]
    known = there & batch.sampled[..., None]
    per_token = -batch.weight[..., None] * scores.logprobs - 0.3 * scores.entropies
    assert sums.loss == pytest.approx(float(per_token[there].sum()), rel=CLOSE)
    assert sums.entropy == pytest.approx(float(scores.entropies[there].sum()), rel=CLOSE)
    assert sums.logprob == pytest.approx(float(scores.logprobs[there].sum()), rel=CLOSE)
    gaps = np.abs(scores.logprobs - batch.behaviour)[known]
    assert sums.gap == pytest.approx(float(gaps.sum()), rel=CLOSE)
    assert (sums.tokens, sums.sampled) == (there.sum(), known.sum())
    assert 0 < known.sum() < there.sum() < there.size


def test_what_stands_in_padding_changes_nothing() -> None:
    batch = group_batch(seed=3)
    prompt, completion = batch.prompt.copy(), batch.completion.copy()
    prompt[np.arange(5) >= batch.prompt_length[:, None]] = 11
    completion[~np.asarray(token_mask(batch))] = 12
    assert not (prompt == batch.prompt).all()
    padded = batch._replace(prompt=prompt, completion=completion)
    # Not a single bit: a masked score is the same number whatever it was before.
    assert loss(padded, 0.3) == loss(batch, 0.3)


def test_tokens_with_the_id_0_count() -> None:
    batch = group_batch(seed=4)
    zeros = batch._replace(completion=np.zeros_like(batch.completion))
    assert loss(zeros).tokens == batch.completion_length.sum()


def test_a_tree_costs_each_prompt_once() -> None:
    batch = group_batch(seed=5, rows=1, group=3, new=4)
    batch = batch._replace(
        prompt_length=np.array([3], np.int32), completion_length=np.array([[2, 0, 4]], np.int32)
    )
    tree = lay_out(batch)
    assert tree.tokens.shape == (1, 5 + 3 * 4)
    assert tree.segments[0].tolist() == [0, 0, 0, -1, -1, 1, 1, -1, -1, *[-1] * 4, 3, 3, 3, 3]
    assert tree.positions[0, :3].tolist() == [0, 1, 2]
    assert tree.positions[0, 5:7].tolist() == [3, 4]
    assert tree.positions[0, 13:].tolist() == [3, 4, 5, 6]
    assert tree.parents[0, :2].tolist() == [2, 5]
    assert tree.parents[0, 8:].tolist() == [2, 13, 14, 15]
