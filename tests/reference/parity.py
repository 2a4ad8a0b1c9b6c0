"""What it means that a model is the reference's: its logits, its cached steps, its greedy text."""

import jax
import jax.numpy as jnp
import numpy as np

from sinq_jax.models.attention import empty_cache, tree_mask
from sinq_jax.models.transformer import decode_step, forward, unembed, unstack_layers
from sinq_jax.sampling.sampler import SamplerSettings, prefill, sample
from tests.reference.golden import Golden

CLOSE = 1e-4
"""Logits of order 10, float32 on both sides, through up to seven layers: what is seen is some 1e-5,
and a wrong mask, position or scale shows at 1e-1 and more.
"""

jitted_forward = jax.jit(forward, static_argnums=0)
jitted_prefill = jax.jit(prefill, static_argnums=0)
jitted_step = jax.jit(decode_step, static_argnums=0)


def full_logits(case: Golden) -> np.ndarray:
    """float32 ``[2, seq, vocab]`` of both texts at once."""
    seq = case.tokens.shape[1]
    positions = jnp.broadcast_to(jnp.arange(seq), case.tokens.shape)
    mask = tree_mask(jnp.zeros(case.tokens.shape, jnp.int32))
    hidden, _ = jitted_forward(case.spec, case.params, case.tokens, positions, mask)
    return np.asarray(unembed(case.spec, case.params, hidden))


def cached_logits(case: Golden, padding: int = 3) -> np.ndarray:
    """float32 ``[new, vocab]``: the prompt at once, then one token of the continuation after the
    other, with a prompt that is padded.
    """
    spec, params = case.spec, case.params
    length, new = len(case.prompt), len(case.continuation)
    prompt = np.pad(case.prompt, (0, padding), constant_values=5)[None]
    spans, first = jitted_prefill(spec, params, prompt, jnp.array([length]))
    layers = unstack_layers(spec, params, length + new)
    own = [empty_cache(spec, 1, new)] * spec.layers
    seen = jnp.arange(length + padding)[None] < length
    logits = [np.asarray(first)]
    for index, token in enumerate(case.continuation[:-1]):
        at = jnp.array([[length + index]])
        found, own = jitted_step(
            spec, params, layers, jnp.array([[token]]), at, spans, seen, own, jnp.int32(index)
        )
        logits.append(np.asarray(found[0]))
    return np.concatenate(logits)


def greedy_text(case: Golden) -> list[int]:
    """What the sampler writes at temperature 0."""
    samples = sample(
        case.spec,
        case.params,
        case.prompt[None],
        jnp.array([len(case.prompt)]),
        jax.random.split(jax.random.key(0), (1, 1)),
        SamplerSettings(jnp.float32(0), jnp.float32(1), jnp.int32(0)),
        jnp.array([-1]),
        len(case.continuation),
    )
    return np.asarray(samples.tokens)[0, 0].tolist()
