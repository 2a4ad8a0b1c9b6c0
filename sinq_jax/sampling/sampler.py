"""The jitted sampler: one compiled program per (prompts, prompt length, group, new tokens).

Everything a caller may want to change between calls is a traced array: keys, temperature, top-p,
top-k, stop ids.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.models.attention import KeyValue, empty_cache, tree_mask
from sinq_jax.models.likelihood import token_logprobs
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import (
    Layer,
    Params,
    decode_step,
    forward,
    unembed,
    unstack_layers,
)
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


class Course(NamedTuple):
    """What stays the same while the completions of a batch are drawn: each layer's own parameters,
    the keys and values of the prompts (``spans``, one a layer), bool ``prompt_mask`` ``[batch,
    prompt]``, int32 ``lengths`` ``[batch]``, float32 ``noise`` ``[batch, group, new]``, and what
    the caller asked for.
    """

    layers: list[Layer]
    spans: list[KeyValue]
    prompt_mask: jax.Array
    lengths: jax.Array
    noise: jax.Array
    settings: SamplerSettings
    stop_ids: jax.Array
    adapter_rows: jax.Array | None


class DecodeState(NamedTuple):
    """What changes: ``slot`` int32 is the place to be written next, ``token`` int32 ``[batch,
    group]`` what was drawn last, ``own`` the caches of the completions, one a layer.
    """

    slot: jax.Array
    token: jax.Array
    own: list[KeyValue]
    samples: Samples


def prefill(
    spec: ModelSpec,
    params: Params,
    prompts: jax.Array,
    lengths: jax.Array,
    adapter_rows: jax.Array | None = None,
) -> tuple[list[KeyValue], jax.Array]:
    """Keys and values of the prompts, one ``KeyValue`` of the batch a layer, and float32 logits
    ``[batch, vocab]`` after each prompt's last token (of no meaning where the length is 0).
    """
    batch, width = prompts.shape
    positions = jnp.broadcast_to(jnp.arange(width, dtype=jnp.int32), prompts.shape)
    segments = jnp.where(positions < lengths[:, None], 0, -1)
    mask = tree_mask(segments)
    hidden, stacked = forward(spec, params, prompts, positions, mask, adapter_rows)
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
    adapter_rows: jax.Array | None = None,
) -> Samples:
    """Draws ``group`` completions of every prompt, which share its prefill and its cache.

    ``prompts`` int32 ``[batch, prompt]`` right-padded, ``lengths`` int32 ``[batch]`` (0: there is
    no prompt, and nothing is drawn), ``keys`` PRNG keys ``[batch, group]``: equal keys give equal
    completions whatever stands in the other rows. ``stop_ids`` int32 ``[stops]``. ``adapter_rows``
    int32 ``[batch]`` says which adapter each prompt is answered with (None: the first).
    """
    course, state = begin(
        spec, params, prompts, lengths, keys, settings, stop_ids, new_tokens, adapter_rows
    )
    return decode(spec, params, course, state, new_tokens).samples


def begin(
    spec: ModelSpec,
    params: Params,
    prompts: jax.Array,
    lengths: jax.Array,
    keys: jax.Array,
    settings: SamplerSettings,
    stop_ids: jax.Array,
    new_tokens: int,
    adapter_rows: jax.Array | None,
) -> tuple[Course, DecodeState]:
    """Reads the prompts and draws the first token of every completion."""
    spans, first = prefill(spec, params, prompts, lengths, adapter_rows)
    course = Course(
        layers=unstack_layers(spec, params, prompts.shape[1] + new_tokens),
        spans=spans,
        prompt_mask=jnp.arange(prompts.shape[1]) < lengths[:, None],
        lengths=lengths,
        noise=jax.vmap(jax.vmap(lambda key: jax.random.uniform(key, (new_tokens,))))(keys),
        settings=settings,
        stop_ids=stop_ids,
        adapter_rows=adapter_rows,
    )
    logits = jnp.broadcast_to(first[:, None], (*keys.shape, spec.vocab))
    caches = [empty_cache(spec, keys.size, new_tokens)] * spec.layers
    nothing = _nothing_yet(lengths, keys.shape[1], new_tokens)
    return course, _take(course, jnp.int32(0), logits, caches, nothing)


def decode(
    spec: ModelSpec, params: Params, course: Course, state: DecodeState, until: int | jax.Array
) -> DecodeState:
    """Draws token after token, until slot ``until`` or until every completion is finished."""

    def unfinished(state: DecodeState) -> jax.Array:
        return (state.slot < until) & ~jnp.all(state.samples.finished)

    return jax.lax.while_loop(unfinished, partial(_step, spec, params, course), state)


def _step(spec: ModelSpec, params: Params, course: Course, state: DecodeState) -> DecodeState:
    """One more token of every completion."""
    written = state.slot - 1
    logits, own = decode_step(
        spec,
        params,
        course.layers,
        state.token,
        jnp.broadcast_to(course.lengths[:, None] + written, state.token.shape),
        course.spans,
        course.prompt_mask,
        state.own,
        written,
        course.adapter_rows,
    )
    return _take(course, state.slot, logits, own, state.samples)


def _take(
    course: Course, slot: jax.Array, logits: jax.Array, own: list[KeyValue], before: Samples
) -> DecodeState:
    uniform = jax.lax.dynamic_index_in_dim(course.noise, slot, axis=2, keepdims=False)
    token = draw(logits, uniform, *course.settings)
    return DecodeState(slot + 1, token, own, _record(before, slot, token, logits, course.stop_ids))


def _nothing_yet(lengths: jax.Array, group: int, new_tokens: int) -> Samples:
    rows = (lengths.shape[0], group)
    return Samples(
        tokens=jnp.zeros((*rows, new_tokens), jnp.int32),
        logprobs=jnp.zeros((*rows, new_tokens), jnp.float32),
        lengths=jnp.zeros(rows, jnp.int32),
        finished=jnp.broadcast_to(lengths[:, None] == 0, rows),
    )


def _record(
    samples: Samples, slot: jax.Array, token: jax.Array, logits: jax.Array, stop_ids: jax.Array
) -> Samples:
    """Writes ``token`` ``[batch, group]`` at the slot of the rows that have not stopped."""
    logprob = token_logprobs(logits, token)[..., None]
    running = ~samples.finished
    update = partial(jax.lax.dynamic_update_slice_in_dim, start_index=slot, axis=2)
    return Samples(
        update(samples.tokens, jnp.where(running, token, 0)[..., None]),
        update(samples.logprobs, jnp.where(running[..., None], logprob, 0.0)),
        samples.lengths + running,
        samples.finished | (running & jnp.isin(token, stop_ids)),
    )
