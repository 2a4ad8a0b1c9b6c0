"""Claims about sampling from every family: the trainer scores what was sampled as the sampler did,
where windows are shorter than the text and where the rows of a batch have different adapters.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.losses import score
from sinq_jax.models.adapters import Adapters, init_adapters
from sinq_jax.models.kernels import KERNELS
from sinq_jax.models.transformer import Params
from sinq_jax.sampling.sampler import SamplerSettings, Samples, sample
from tests.reference.cases import CASES, VOCAB
from tests.reference.golden import GOLDENS, Golden, golden
from tests.reference.parity import CLOSE

LENGTHS, WIDTH, GROUP, NEW = np.array([14, 9], np.int32), 16, 3, 20
PROMPTS = np.random.default_rng(0).integers(0, VOCAB, (2, WIDTH)).astype(np.int32)
jitted_score = jax.jit(score, static_argnums=0)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Golden:
    return golden(GOLDENS / request.param)


def drawn(case: Golden, params: Params, adapter_rows: jax.Array | None = None) -> Samples:
    keys = jax.random.split(jax.random.key(3), (2, GROUP))
    settings = SamplerSettings(jnp.float32(1), jnp.float32(1), jnp.int32(0))
    stops = jnp.array([5])
    samples = sample(
        case.spec, params, PROMPTS, LENGTHS, keys, settings, stops, NEW, adapter_rows=adapter_rows
    )
    return Samples(*jax.device_get(samples))


def scored(case: Golden, params: Params, samples: Samples) -> np.ndarray:
    """The trainer's log-probabilities, 0 where nothing was written."""
    shape = samples.lengths.shape
    batch = GroupBatch(
        prompt=PROMPTS,
        prompt_length=LENGTHS,
        completion=samples.tokens,
        completion_length=samples.lengths,
        weight=np.ones(shape, np.float32),
        behaviour=samples.logprobs,
        sampled=np.ones(shape, bool),
    )
    logprobs = np.asarray(jitted_score(case.spec, params, batch).logprobs)
    return np.where(np.arange(NEW) < samples.lengths[..., None], logprobs, 0)


def two_adapters(case: Golden) -> Adapters:
    """On all matrices, and neither changes nothing."""
    fresh = init_adapters(case.spec, jax.random.key(0), tuple(KERNELS), rank=2, count=2)
    return jax.tree.map(
        lambda leaf: leaf + 0.1 * jax.random.normal(jax.random.key(leaf.size), leaf.shape), fresh
    )


def test_the_trainer_scores_samples_as_the_sampler_did(case: Golden) -> None:
    samples = drawn(case, case.params)
    assert samples.lengths.max() == NEW
    np.testing.assert_allclose(scored(case, case.params, samples), samples.logprobs, atol=CLOSE)


def test_each_row_is_answered_with_the_adapter_it_asks_for(case: Golden) -> None:
    """One batch with both, against the trainer, who sees one adapter at a time."""
    both = two_adapters(case)
    samples = drawn(case, {**case.params, "adapters": both}, jnp.array([1, 0]))
    for row, adapter in enumerate((1, 0)):
        alone = jax.tree.map(lambda leaf, i=adapter: leaf[:, i : i + 1], both)
        logprobs = scored(case, {**case.params, "adapters": alone}, samples)
        np.testing.assert_allclose(logprobs[row], samples.logprobs[row], atol=CLOSE)
        assert np.abs(logprobs[1 - row] - samples.logprobs[1 - row]).max() > 0.1
