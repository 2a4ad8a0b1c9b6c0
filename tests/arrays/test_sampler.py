"""Claims about the sampler: cached decoding of groups is exact, repeatable and compiled once."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.losses import score
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params
from sinq_jax.sampling.sampler import (
    READ_AT_ONCE,
    SHORTEST_STAGE,
    SamplerSettings,
    Samples,
    sample,
)
from tests.arrays import plain
from tests.arrays.compilations import no_compilation, some_compilation
from tests.arrays.small import CLOSE, SPEC, params, prompts

LENGTHS = (6, 4, 5)
GROUP, NEW = 4, 5
jitted_score = jax.jit(score, static_argnums=0)
NEVER = -1  # a stop id that no token has


def keys(seed: int = 0, rows: int = len(LENGTHS), group: int = GROUP) -> jax.Array:
    return jax.random.split(jax.random.key(seed), (rows, group))


def run(
    padded: np.ndarray | None = None,
    lengths: tuple[int, ...] = LENGTHS,
    noise: jax.Array | None = None,
    *,
    settings: tuple[float, float, int] = (1.0, 1.0, 0),
    stops: tuple[int, int] = (NEVER, NEVER),
    new: int = NEW,
    spec: ModelSpec = SPEC,
    weights: Params | None = None,
) -> Samples:
    temperature, top_p, top_k = settings
    samples = sample(
        spec,
        params() if weights is None else weights,
        prompts(LENGTHS) if padded is None else padded,
        np.array(lengths, np.int32),
        keys() if noise is None else noise,
        SamplerSettings(jnp.float32(temperature), jnp.float32(top_p), jnp.int32(top_k)),
        jnp.array(stops, jnp.int32),
        new,
    )
    return Samples(*jax.device_get(samples))


def assert_same(actual: Samples, expected: Samples) -> None:
    np.testing.assert_array_equal(actual.tokens, expected.tokens)
    np.testing.assert_array_equal(actual.lengths, expected.lengths)
    np.testing.assert_array_equal(actual.finished, expected.finished)
    np.testing.assert_allclose(actual.logprobs, expected.logprobs, atol=CLOSE)


def as_batch(samples: Samples) -> GroupBatch:
    return GroupBatch(
        prompt=prompts(LENGTHS),
        prompt_length=np.array(LENGTHS, np.int32),
        completion=samples.tokens,
        completion_length=samples.lengths,
        weight=np.ones_like(samples.lengths, np.float32),
        behaviour=samples.logprobs,
        sampled=np.ones_like(samples.lengths, bool),
    )


@pytest.mark.parametrize("settings", [(1.0, 1.0, 0), (0.5, 0.8, 5)])
def test_logprobs_are_those_of_a_full_forward_pass_before_temperature_and_truncation(
    settings: tuple[float, float, int],
) -> None:
    samples = run(settings=settings, stops=(3, 7))
    for row, member, prompt, completion in plain.completions(as_batch(samples)):
        logs = plain.completion_logs(SPEC, params(), prompt, completion)
        wanted = logs[np.arange(len(completion)), completion]
        ours = samples.logprobs[row, member, : len(completion)]
        np.testing.assert_allclose(ours, wanted, atol=CLOSE)


def test_the_trainer_scores_samples_as_the_sampler_did() -> None:
    samples = run(stops=(3, 7))
    scores = np.asarray(jitted_score(SPEC, params(), as_batch(samples)).logprobs)
    written = np.arange(NEW) < samples.lengths[..., None]
    np.testing.assert_allclose(scores[written], samples.logprobs[written], atol=CLOSE)


def test_temperature_0_writes_the_likeliest_continuation() -> None:
    samples = run(settings=(0.0, 1.0, 0))
    for row, length in enumerate(LENGTHS):
        text = prompts(LENGTHS)[row, :length].tolist()
        for _ in range(NEW):
            text.append(int(np.argmax(plain.logits(SPEC, params(), text)[-1])))
        for member in range(GROUP):
            assert samples.tokens[row, member].tolist() == text[length:]


def test_the_order_of_rows_does_not_change_a_completion() -> None:
    order = [2, 0, 1]
    shuffled = run(prompts(LENGTHS)[order], tuple(LENGTHS[i] for i in order), keys()[order, :])
    assert_same(shuffled, Samples(*(leaf[order] for leaf in run())))


def test_neither_padding_nor_the_size_of_batch_and_group_changes_a_completion() -> None:
    wider = np.full((1, 9), 5, np.int32)
    wider[:, :6] = prompts(LENGTHS)[1]
    alone = run(wider, LENGTHS[1:2], keys()[1:2, 2:3])
    assert_same(alone, Samples(*(leaf[1:2, 2:3] for leaf in run())))


def test_equal_keys_give_equal_completions() -> None:
    twins = run(noise=jnp.broadcast_to(keys()[:, :1], (3, GROUP)))
    for leaf in twins:
        assert (leaf == leaf[:, :1]).all()


def test_every_token_is_drawn_with_noise_of_its_own() -> None:
    """A model of zeros holds all tokens for equally likely wherever it stands."""
    indifferent = jax.tree.map(jnp.zeros_like, params())
    tokens = run(weights=indifferent).tokens
    assert len({tuple(row) for row in tokens.reshape(-1, NEW)}) == len(LENGTHS) * GROUP
    assert all(len(set(row)) > 2 for row in tokens.reshape(-1, NEW).tolist())


def test_other_keys_give_other_completions() -> None:
    distinct = {tuple(row) for seed in (0, 1) for row in run(noise=keys(seed)).tokens[0].tolist()}
    assert len(distinct) == 2 * GROUP


@pytest.mark.parametrize("member", range(GROUP))
def test_a_row_ends_with_the_first_stop_token_and_is_zero_after_it(member: int) -> None:
    free = run()
    assert not free.finished.any()
    assert (free.lengths == NEW).all()
    stops = int(free.tokens[0, member, 2]), int(free.tokens[1, member, 0])
    stopped = run(stops=stops)
    for index in np.ndindex(3, GROUP):
        places = np.flatnonzero(np.isin(free.tokens[index], stops))
        length = places[0] + 1 if len(places) else NEW
        assert stopped.lengths[index] == length
        assert stopped.finished[index] == bool(len(places))
        np.testing.assert_array_equal(stopped.tokens[index][:length], free.tokens[index][:length])
        assert not stopped.tokens[index][length:].any()
        assert not stopped.logprobs[index][length:].any()


def test_prompts_that_are_read_in_parts_are_answered_like_each_alone() -> None:
    rows, width = 6, 512
    assert rows * width > READ_AT_ONCE
    padded, noise = prompts((width,) * rows, width), keys(3, rows, 2)
    together = run(padded, (width,) * rows, noise)
    for row in range(rows):
        alone = run(padded[row : row + 1], (width,), noise[row : row + 1])
        assert_same(alone, Samples(*(leaf[row : row + 1] for leaf in together)))


def test_logprobs_are_those_of_the_trainer_also_after_the_caches_have_grown() -> None:
    new = 2 * SHORTEST_STAGE + 1
    samples = run(new=new)
    scores = jitted_score(SPEC, params(), as_batch(samples)).logprobs
    assert samples.tokens.shape == (3, GROUP, new)
    np.testing.assert_allclose(scores, samples.logprobs, atol=CLOSE)


def test_token_0_is_a_token_like_any_other() -> None:
    zeros = np.zeros((3, 6), np.int32)
    samples = run(zeros)
    logs = plain.log_softmax(plain.logits(SPEC, params(), [0] * LENGTHS[1]))[-1]
    np.testing.assert_allclose(samples.logprobs[1, :, 0], logs[samples.tokens[1, :, 0]], atol=CLOSE)


def test_nothing_is_drawn_for_a_prompt_that_is_not_there() -> None:
    plainly, samples = run(), run(lengths=(6, 0, 5))
    assert not samples.tokens[1].any()
    assert not samples.lengths[1].any()
    assert np.isfinite(samples.logprobs).all()
    for row in (0, 2):
        assert_same(*(Samples(*(leaf[row] for leaf in each)) for each in (samples, plainly)))


def test_nothing_but_shapes_makes_the_sampler_compile_again() -> None:
    padded = prompts(LENGTHS)
    run(padded, noise=keys(1))
    other_keys = keys(5)
    with no_compilation():
        run(padded, noise=other_keys)
        run(padded, noise=other_keys, settings=(0.3, 0.5, 7), stops=(4, 9))
        run(padded, (1, 2, 3), other_keys, settings=(0.0, 1.0, 0))
    with some_compilation():  # the counter counts
        jax.jit(lambda x: x + len(padded))(1)


def test_draws_follow_the_distribution() -> None:
    """Pearson's chi-square of 4,000 first tokens: with 22 degrees of freedom its mean is 22 and its
    deviation 6.6, so that 22 + 4 x 6.6 is passed by chance once in some ten thousand seeds.
    """
    count = 4000
    samples = run(prompts(LENGTHS)[:1], (6,), keys(2, 1, count), new=1)
    assert samples.tokens.shape == (1, count, 1)
    logs = plain.logits(SPEC, params(), prompts(LENGTHS)[0].tolist())[-1]
    expected = count * np.exp(plain.log_softmax(logs))
    counts = np.bincount(samples.tokens.ravel(), minlength=SPEC.vocab)
    assert ((counts - expected) ** 2 / expected).sum() < 22 + 4 * np.sqrt(44)


def test_bfloat16_samples_and_its_logprobs_are_those_of_its_own_forward_pass() -> None:
    """Cached and uncached sums round differently, to 8 bits: see the same claim for float32."""
    narrow = replace(SPEC, dtype="bfloat16")
    samples = run(spec=narrow)
    scores = jitted_score(narrow, params(), as_batch(samples)).logprobs
    np.testing.assert_allclose(scores, samples.logprobs, atol=0.2)
    assert np.abs(scores - samples.logprobs).mean() < 0.05
