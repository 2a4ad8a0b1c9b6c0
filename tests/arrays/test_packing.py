"""Claims about packing: several texts in a sequence are learned from as if each stood alone."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinq_jax.learning.descent import descend
from sinq_jax.learning.packing import OPEN, PackedBatch, Row, pack, packed_batch
from sinq_jax.learning.supervised import Imitation, score_packed
from sinq_jax.learning.train_step import new_player
from sinq_jax.models.transformer import Params
from tests.arrays import plain
from tests.arrays.small import CLOSE, SPEC, params

ROOM, MOST = 16, 6
DESCENT = optax.scale(-1.0)  # parameters move by the gradient itself, so that it can be read off

GRADIENTS_CLOSE = 1e-5
"""float32 gradients of order 0.1; the same terms in another order differ by some 1e-7."""


def text(seed: int, length: int) -> Row:
    """Random tokens and weights, some of which are 0."""
    rng = np.random.default_rng([seed, length])
    weights = rng.normal(size=length) * (rng.random(length) < 0.7)
    return Row(rng.integers(0, SPEC.vocab, length).astype(np.int32), weights.astype(np.float32))


def packed(texts: Sequence[Row], rows: int = MOST) -> PackedBatch:
    places = pack([len(each.tokens) for each in texts], ROOM)
    return packed_batch([[texts[i] for i in each] for each in places], rows, ROOM)


def apart(texts: Sequence[Row]) -> PackedBatch:
    return packed_batch([[each] for each in texts], MOST, ROOM)


@jax.jit
@jax.value_and_grad
def slope(weights: Params, batch: PackedBatch) -> jax.Array:
    return Imitation()(SPEC, weights, batch)[0]


def loss_and_gradient(batch: PackedBatch) -> tuple[jax.Array, Params]:
    return slope(params(), batch)


def assert_alike(one: PackedBatch, other: PackedBatch) -> None:
    (loss, gradient), (again, same) = loss_and_gradient(one), loss_and_gradient(other)
    np.testing.assert_allclose(loss, again, rtol=CLOSE, atol=CLOSE)
    jax.tree.map(partial(np.testing.assert_allclose, atol=GRADIENTS_CLOSE), gradient, same)


texts = st.lists(
    st.builds(text, st.integers(0, 9), st.integers(1, ROOM)), min_size=1, max_size=MOST
)


@given(st.lists(st.integers(1, 20), max_size=200), st.integers(20, 40))
def test_every_text_is_packed_once_and_no_sequence_holds_more_than_its_room(
    lengths: list[int], room: int
) -> None:
    places = pack(lengths, room)
    assert sorted(place for each in places for place in each) == list(range(len(lengths)))
    assert all(0 < sum(lengths[place] for place in each) <= room for each in places)
    if len(places) <= OPEN:  # first fit: two sequences never fit into one
        sums = sorted(sum(lengths[place] for place in each) for each in places)
        assert len(sums) < 2 or sums[0] + sums[1] > room


@pytest.mark.parametrize("length", [0, 9])
def test_a_text_that_cannot_be_packed_is_named(length: int) -> None:
    with pytest.raises(ValueError, match="text 1: expected 1 to 8 tokens, got"):
        pack([3, length], 8)


@settings(deadline=None, max_examples=30)
@given(texts)
def test_packed_equals_apart_in_value_and_gradient(chosen: list[Row]) -> None:
    assert_alike(packed(chosen), apart(chosen))


@settings(deadline=None, max_examples=20)
@given(texts, st.randoms(use_true_random=False))
def test_the_order_of_texts_changes_nothing(chosen: list[Row], order: Any) -> None:
    shuffled = list(chosen)
    order.shuffle(shuffled)
    assert_alike(packed(chosen), packed(shuffled))


@settings(deadline=None, max_examples=20)
@given(texts, st.integers(0, SPEC.vocab - 1), st.integers(0, 30))
def test_what_stands_in_padding_changes_not_a_bit(
    chosen: list[Row], token: int, position: int
) -> None:
    batch = packed(chosen)
    empty = batch.segments == -1
    filled = batch._replace(
        tokens=np.where(empty, token, batch.tokens).astype(np.int32),
        positions=np.where(empty, position, batch.positions).astype(np.int32),
    )
    jax.tree.map(np.testing.assert_array_equal, loss_and_gradient(batch), loss_and_gradient(filled))


def test_every_token_is_scored_as_in_a_text_of_its_own() -> None:
    chosen = [text(seed, length) for seed, length in enumerate((5, 9, 3, 16, 2, 7))]
    places = pack([len(each.tokens) for each in chosen], ROOM)
    assert max(map(len, places)) > 1
    scores = score_packed(SPEC, params(), packed(chosen))
    for row, each in enumerate(places):
        start = 0
        for place in each:
            tokens = chosen[place].tokens.tolist()
            logs = plain.completion_logs(SPEC, params(), tokens[:1], tokens[1:])
            wanted = logs[np.arange(len(tokens) - 1), tokens[1:]]
            here = slice(start + 1, start + len(tokens))
            np.testing.assert_allclose(scores.logprobs[row, here], wanted, atol=CLOSE)
            start += len(tokens)


def test_the_loss_is_the_weighted_mean_over_tokens() -> None:
    chosen = [text(seed, length) for seed, length in enumerate((5, 9, 3, 16))]
    chosen = [Row(each.tokens, np.abs(each.weights)) for each in chosen]
    total = weight = 0.0
    for each in chosen:
        tokens = each.tokens.tolist()
        logs = plain.completion_logs(SPEC, params(), tokens[:1], tokens[1:])
        total -= float(each.weights[1:] @ logs[np.arange(len(tokens) - 1), tokens[1:]])
        weight += float(each.weights[1:].sum())
    batch, criterion = packed(chosen), Imitation()
    assert float(criterion.count(batch)) == pytest.approx(weight, rel=CLOSE)
    loss, _ = loss_and_gradient(batch)
    assert float(loss) == pytest.approx(total, rel=CLOSE)


def test_only_what_has_weight_is_learned() -> None:
    """A text without weight leaves the parameters as they are, to the bit."""
    silent = [Row(each.tokens, np.zeros_like(each.weights)) for each in (text(0, 9), text(1, 5))]
    _, gradient = loss_and_gradient(packed(silent))
    assert all(not np.any(leaf) for leaf in jax.tree.leaves(gradient))
    with_one = [*silent, text(2, 7)]
    assert_alike(packed(with_one), apart(with_one[2:]))


@pytest.mark.parametrize("parts", [2, 3])
def test_micro_batches_make_no_difference(parts: int) -> None:
    chosen = [text(seed, length) for seed, length in enumerate((14, 16, 3, 12, 2, 9))]
    chosen = [Row(each.tokens, np.abs(each.weights)) for each in chosen]
    batch = apart(chosen)

    def stepped(accumulation: int) -> Any:
        fresh = new_player(jax.tree.map(jnp.copy, params()), DESCENT)  # donated
        rate = jnp.float32(1.0)
        return descend(SPEC, DESCENT, Imitation(), fresh, batch, rate, accumulation)

    (whole, told), (cut, same) = stepped(1), stepped(parts)
    jax.tree.map(
        partial(np.testing.assert_allclose, atol=GRADIENTS_CLOSE), whole.params, cut.params
    )
    for name, value in told.items():
        assert float(value) == pytest.approx(float(same[name]), rel=CLOSE)
    assert int(whole.step) == int(cut.step) == 1
