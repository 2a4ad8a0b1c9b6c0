"""Claims: completions that come in pieces are those that come at once, and compile no more."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.mesh import make_mesh
from sinq_jax.sampling.sampler import SamplerSettings, sample
from sinq_jax.sampling.streaming import stream
from tests.arrays.compilations import no_compilation
from tests.arrays.small import CLOSE, SPEC, params, prompts

LENGTHS = np.array([6, 4, 0], np.int32)
GROUP, NEW = 2, 7
STOPS = jnp.array([5], jnp.int32)
MESH = make_mesh(1, 1, 1, devices=jax.devices()[:1])
SETTINGS = SamplerSettings(jnp.float32(1.0), jnp.float32(1.0), jnp.int32(0))


def arguments(seed: int) -> tuple[object, ...]:
    keys = jax.random.split(jax.random.key(seed), (len(LENGTHS), GROUP))
    return SPEC, params(), prompts((6, 4, 1)), LENGTHS, keys, SETTINGS, STOPS, NEW


@pytest.mark.parametrize("every", [1, 3, NEW])
def test_pieces_end_with_what_comes_at_once(every: int) -> None:
    whole = sample(*arguments(0))  # type: ignore[arg-type]
    *_, (last, drawn) = stream(*arguments(0), MESH, every=every)  # type: ignore[arg-type, misc]
    assert drawn == NEW or last.finished.all()
    np.testing.assert_array_equal(last.tokens, whole.tokens)
    np.testing.assert_array_equal(last.lengths, whole.lengths)
    np.testing.assert_array_equal(last.finished, whole.finished)
    np.testing.assert_allclose(last.logprobs, whole.logprobs, atol=CLOSE)


def test_what_was_handed_out_never_changes() -> None:
    pieces = [(samples.tokens, drawn) for samples, drawn in stream(*arguments(1), MESH)]  # type: ignore[arg-type]
    whole = pieces[-1][0]
    assert [drawn for _, drawn in pieces] == list(range(1, len(pieces) + 1))
    for tokens, drawn in pieces:
        np.testing.assert_array_equal(tokens[..., :drawn], whole[..., :drawn])


def test_a_stream_ends_when_everybody_has_stopped() -> None:
    everything = jnp.arange(SPEC.vocab)
    stopped = (*arguments(2)[:6], everything, NEW)
    assert [drawn for _, drawn in stream(*stopped, MESH)] == [1]  # type: ignore[arg-type]


def test_pieces_of_any_size_share_their_programs() -> None:
    [*stream(*arguments(3), MESH, every=2)]  # type: ignore[arg-type, misc]
    with no_compilation():
        [*stream(*arguments(4), MESH, every=3)]  # type: ignore[arg-type, misc]
