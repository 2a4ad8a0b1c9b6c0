"""Claims about drawing one token: which tokens can be drawn, and how often."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sinq_jax.sampling.truncation import BLOCK, draw
from tests.arrays import plain

VOCAB = 9
DRAWS = 1000

jitted_draw = jax.jit(draw)


def jitted(*given: jax.Array) -> jax.Array:
    """The tokens drawn."""
    return jitted_draw(*given).tokens


def drawn(logits: np.ndarray, temperature: float, top_p: float, top_k: int) -> np.ndarray:
    """Tokens for ``DRAWS`` evenly spaced numbers from [0, 1)."""
    uniform = (np.arange(DRAWS, dtype=np.float32) + 0.5) / DRAWS
    rows = np.broadcast_to(logits.astype(np.float32), (DRAWS, VOCAB))
    settings = jnp.float32(temperature), jnp.float32(top_p), jnp.int32(top_k)
    return np.asarray(jitted(rows, uniform, *settings))


def truncated(logits: np.ndarray, temperature: float, top_p: float, top_k: int) -> np.ndarray:
    """The probabilities to be drawn from, in plain numpy: token by token, likeliest first."""
    probabilities = np.exp(plain.log_softmax(np.asarray(logits, np.float64) / temperature))
    kept: list[int] = []
    for rank, token in enumerate(np.argsort(-probabilities)):
        if rank > 0 and (probabilities[kept].sum() >= top_p or rank == top_k):
            break
        kept.append(int(token))
    result = np.zeros(VOCAB)
    result[kept] = probabilities[kept]
    return result / result.sum()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(
    ("top_p", "top_k"), [(1.0, 0), (0.7, 0), (0.05, 0), (1.0, 3), (1.0, 1), (0.8, 4), (0.8, 2)]
)
def test_each_token_is_drawn_as_often_as_numpy_says(
    temperature: float, top_p: float, top_k: int
) -> None:
    """Evenly spaced numbers leave no room for chance: a token's share is exact to one draw."""
    logits = np.random.default_rng(3).normal(size=VOCAB) * 1.5
    counts = np.bincount(drawn(logits, temperature, top_p, top_k), minlength=VOCAB)
    wanted = truncated(logits, temperature, top_p, top_k)
    assert np.abs(counts - DRAWS * wanted).max() < 1.01
    assert not counts[wanted == 0].any()


@pytest.mark.parametrize("vocab", [BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7])
def test_a_vocabulary_of_several_blocks_is_drawn_from_like_one(vocab: int) -> None:
    """The inverse of the distribution function in float64 says which token each number draws. A
    number that lies within the rounding of float32 sums of an end may fall on either side.
    """
    logits = np.random.default_rng(vocab).normal(size=vocab) * 2
    sums = np.cumsum(np.exp(plain.log_softmax(logits)))
    uniform = (np.arange(DRAWS) + 0.5) / DRAWS
    wanted = np.searchsorted(sums, uniform, side="right")
    rows = np.broadcast_to(logits.astype(np.float32), (DRAWS, vocab))
    settings = jnp.float32(1), jnp.float32(1), jnp.int32(0)
    tokens = np.asarray(jitted(rows, uniform.astype(np.float32), *settings))
    near = np.abs(sums[None] - uniform[:, None]).min(axis=1) < 1e-5
    assert near.mean() < 0.05
    np.testing.assert_array_equal(tokens[~near], wanted[~near])
    greedy = jitted(rows, uniform.astype(np.float32), jnp.float32(0), *settings[1:])
    assert (np.asarray(greedy) == np.argmax(logits)).all()


rows_of_logits = arrays.arrays(
    np.float32, VOCAB, elements=st.floats(-60, 60, width=32) | st.sampled_from([-1e30, 0.0, 30.0])
)


@given(
    logits=rows_of_logits,
    temperature=st.sampled_from([0.01, 0.3, 1.0, 5.0]),
    top_p=st.sampled_from([1e-6, 0.1, 0.5, 0.9, 0.999, 1.0]),
    top_k=st.sampled_from([0, 1, 2, 5, VOCAB]),
)
def test_what_is_drawn_has_mass_and_is_among_the_likeliest(
    logits: np.ndarray, temperature: float, top_p: float, top_k: int
) -> None:
    logits[np.argmax(logits)] = max(logits.max(), -50.0)  # softmax of nothing but -1e30 is no case
    tokens = np.unique(drawn(logits, temperature, top_p, top_k))
    ranks = (logits[None, :] > logits[tokens][:, None]).sum(axis=1)  # tokens that are likelier
    assert (ranks < (top_k or VOCAB)).all()
    likelier = np.exp(plain.log_softmax(logits.astype(np.float64) / temperature))
    before = np.where(logits[None, :] > logits[tokens][:, None], likelier, 0).sum(axis=1)
    assert (before <= top_p + 1e-6).all()
    assert (likelier[tokens] > 0).all()


@given(logits=rows_of_logits, uniform=st.floats(0, 1, exclude_max=True, width=32))
def test_temperature_0_takes_the_likeliest_whatever_the_noise(
    logits: np.ndarray, uniform: float
) -> None:
    rows = np.broadcast_to(logits, (DRAWS, VOCAB))
    noise = np.full(DRAWS, uniform, np.float32)
    tokens = jitted(rows, noise, jnp.float32(0), jnp.float32(1), jnp.int32(0))
    assert (np.asarray(tokens) == np.argmax(logits)).all()


@given(
    logits=rows_of_logits,
    temperature=st.sampled_from([0.0, 0.3, 1.0, 5.0]),
    top_p=st.sampled_from([0.1, 0.9, 1.0]),
    top_k=st.sampled_from([0, 2]),
)
def test_a_log_probability_is_that_of_the_policy_however_it_was_drawn(
    logits: np.ndarray, temperature: float, top_p: float, top_k: int
) -> None:
    """float32 logits up to 60 have steps of 4e-6, and their logarithms are that far off."""
    settings = jnp.float32(temperature), jnp.float32(top_p), jnp.int32(top_k)
    drawn = jitted_draw(logits[None], jnp.float32([0.5]), *settings)
    wanted = plain.log_softmax(logits.astype(np.float64))[np.asarray(drawn.tokens)[0]]
    np.testing.assert_allclose(drawn.logprobs[0], wanted, rtol=1e-6, atol=1e-5)


def test_rounded_sums_never_lead_to_a_token_without_mass() -> None:
    """Partial sums are added up in blocks, so a sum can be larger than the one before it although
    nothing was added. These numbers lie exactly there.
    """
    rng = np.random.default_rng(0)
    logits = np.where(rng.random(5000) < 0.7, -np.inf, 2 * rng.normal(size=5000))
    probabilities = jax.nn.softmax(jnp.array(logits, jnp.float32))
    sums = np.asarray(jnp.cumsum(probabilities))
    grown = np.flatnonzero((np.diff(sums) > 0) & (probabilities[1:] == 0))[:DRAWS]
    rows = np.broadcast_to(logits.astype(np.float32), (len(grown), 5000))
    settings = jnp.float32(1), jnp.float32(1), jnp.int32(0)
    tokens = np.asarray(jitted(rows, sums[grown], *settings))
    assert (probabilities[tokens] > 0).all()


@pytest.mark.parametrize("uniform", [0.0, np.nextafter(np.float32(1), np.float32(0))])
def test_tokens_without_mass_are_never_drawn_at_the_ends(uniform: float) -> None:
    logits = np.array([-np.inf, 1, -np.inf, 1, 1, -np.inf, 1, -np.inf, -np.inf], np.float32)
    rows = np.broadcast_to(logits, (DRAWS, VOCAB))
    noise = np.full(DRAWS, uniform, np.float32)
    tokens = jitted(rows, noise, jnp.float32(1), jnp.float32(1), jnp.int32(0))
    assert np.asarray(tokens)[0] == (1 if uniform == 0 else 6)
