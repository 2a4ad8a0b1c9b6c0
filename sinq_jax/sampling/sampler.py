"""The jitted sampler: one compiled program per (prompts, prompt length, group, new tokens).

Everything a caller may want to change between calls is a traced array: keys, temperature, top-p,
top-k, stop ids.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.models.attention import KeyValue, tree_mask
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, decode_step, forward, unembed, unstack_layers
from sinq_jax.sampling.truncation import draw


class SamplerSettings(NamedTuple):
    """Traced scalars of one call: float32 ``temperature`` (0: greedy), ``top_p`` (1: off), int32
    ``top_k`` (0: off).
    """

    temperature: jax.Array
    top_p: jax.Array
    top_k: jax.Array


class Samples(NamedTuple):
    """``tokens`` int32 and ``logprobs`` float32, both ``[batch, group, new]``, right-padded with 0;
    ``lengths`` int32 ``[batch, group]`` counts the stop token; ``finished`` bool ``[batch, group]``
    says whether one was sampled.

    Log-probabilities are the policy's own: temperature 1, before truncation, as the trainer
    computes them.
    """

    tokens: jax.Array
    logprobs: jax.Array
    lengths: jax.Array
    finished: jax.Array


class DecodeState(NamedTuple):
    """What the decode loop carries; ``slot`` int32 is the place about to be written."""

    slot: jax.Array
    logits: jax.Array
    own: list[KeyValue]
    samples: Samples


def prefill(
    spec: ModelSpec, params: Params, prompts: jax.Array, lengths: jax.Array
) -> tuple[list[KeyValue], jax.Array]:
    """Keys and values of the prompts, one ``KeyValue`` ``[batch, kv_heads, prompt, head_dim]`` a
    layer, and float32 logits ``[batch, vocab]`` after each prompt's last token.
    """
    batch, width = prompts.shape
    positions = jnp.broadcast_to(jnp.arange(width, dtype=jnp.int32), prompts.shape)
    segments = jnp.where(positions < lengths[:, None], 0, -1)
    hidden, stacked = forward(spec, params, prompts, positions, tree_mask(segments))
    last = hidden[jnp.arange(batch), lengths - 1]
    caches = [KeyValue(stacked.keys[i], stacked.values[i]) for i in range(spec.layers)]
    return caches, unembed(spec, params, last)


@partial(jax.jit, static_argnames=("spec", "new_tokens"))
def sample(
    spec: ModelSpec,
    params: Params,
    prompts: jax.Array,
    lengths: jax.Array,
    keys: jax.Array,
    settings: SamplerSettings,
    stop_ids: jax.Array,
    new_tokens: int,
) -> Samples:
    """Draws ``group`` completions of every prompt, which share its prefill and its cache.

    ``prompts`` int32 ``[batch, prompt]`` right-padded, ``lengths`` int32 ``[batch]`` (at least 1),
    ``keys`` PRNG keys ``[batch, group]``: equal keys give equal completions whatever stands in the
    other rows. ``stop_ids`` int32 ``[stops]``. A row of a length that the caller will drop still
    costs its decode steps.
    """
    spans, first = prefill(spec, params, prompts, lengths)
    batch, group = keys.shape
    prompt_mask = jnp.arange(prompts.shape[1]) < lengths[:, None]
    layers = unstack_layers(spec, params)
    uniform = jax.vmap(jax.vmap(lambda key: jax.random.uniform(key, (new_tokens,))))(keys)
    empty = jnp.zeros(
        (batch, group, spec.kv_heads, new_tokens, spec.head_dim), dtype=spec.compute_dtype
    )
    state = DecodeState(
        slot=jnp.int32(0),
        logits=jnp.broadcast_to(first[:, None], (batch, group, spec.vocab)),
        own=[KeyValue(empty, empty) for _ in range(spec.layers)],
        samples=Samples(
            jnp.zeros((batch, group, new_tokens), jnp.int32),
            jnp.zeros((batch, group, new_tokens), jnp.float32),
            jnp.zeros((batch, group), jnp.int32),
            jnp.zeros((batch, group), bool),
        ),
    )

    def body(state: DecodeState) -> DecodeState:
        noise = jax.lax.dynamic_index_in_dim(uniform, state.slot, axis=2, keepdims=False)
        token = draw(state.logits, noise, *settings)
        samples = _record(state, token, stop_ids)
        logits, own = decode_step(
            spec,
            params,
            layers,
            token,
            jnp.broadcast_to(lengths[:, None] + state.slot, (batch, group)),
            spans,
            prompt_mask,
            state.own,
            state.slot,
        )
        return DecodeState(state.slot + 1, logits, own, samples)

    def unfinished(state: DecodeState) -> jax.Array:
        return (state.slot < new_tokens) & ~jnp.all(state.samples.finished)

    return jax.lax.while_loop(unfinished, body, state).samples


def _record(state: DecodeState, token: jax.Array, stop_ids: jax.Array) -> Samples:
    """Writes ``token`` ``[batch, group]`` at the current slot of the rows that have not stopped."""
    samples = state.samples
    logprob = jnp.take_along_axis(
        jax.nn.log_softmax(state.logits, axis=-1), token[..., None], axis=-1
    )
    running = ~samples.finished
    update = partial(jax.lax.dynamic_update_slice_in_dim, start_index=state.slot, axis=2)
    return Samples(
        update(samples.tokens, jnp.where(running, token, 0)[..., None]),
        update(samples.logprobs, jnp.where(running[..., None], logprob, 0.0)),
        samples.lengths + running,
        samples.finished | (running & jnp.isin(token, stop_ids)),
    )
