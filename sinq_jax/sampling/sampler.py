"""The jitted sampler: one compiled program per (prompts, prompt length, group, new tokens).

Everything a caller may want to change between calls is a traced array: keys, temperature, top-p,
top-k, stop ids.
"""

import math
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.axes import batch_ways, held
from sinq_jax.models.attention import KeyValue, empty_cache, grown, most_dividing, tree_mask
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import (
    Layer,
    Params,
    decode_step,
    forward,
    unembed,
    unstack_layers,
)
from sinq_jax.sampling.truncation import Drawn, draw

READ_AT_ONCE = 1024
"""Tokens of prompts: enough to keep a matrix unit busy, and few enough that what is computed of
them stays in a core's caches, or that a device has room for it.
"""

SHORTEST_STAGE, MOST_STAGES, ALIGNED = 64, 4, 16
"""Caches of completions grow in up to four stages of 64 slots or more, in multiples of 16: a step
reads all slots, filled or not, and each stage takes as long to compile as the one before.
"""


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
    ``[batch, vocab]`` after each prompt's last token (of no meaning where the length is 0). No more
    than ``READ_AT_ONCE`` tokens a device are read at a time, or one prompt.
    """
    batch, width = prompts.shape
    positions = jnp.arange(width, dtype=jnp.int32)

    def read(rows: Any) -> tuple[list[KeyValue], jax.Array]:
        tokens, ends, adapters = rows
        at = jnp.broadcast_to(positions, tokens.shape)
        mask = tree_mask(jnp.where(at < ends[:, None], 0, -1))
        hidden, stacked = forward(spec, params, tokens, at, mask, adapters)
        caches = [KeyValue(*(leaf[i] for leaf in stacked)) for i in range(spec.layers)]
        return caches, unembed(spec, params, hidden[jnp.arange(len(ends)), ends - 1])

    ways = math.gcd(batch, batch_ways())
    parts = batch // read_at_once(batch, width, ways)

    def cut(leaf: jax.Array) -> jax.Array:
        """Into parts that have rows from every device."""
        each = leaf.reshape(ways, parts, -1, *leaf.shape[1:])
        return jnp.swapaxes(each, 0, 1).reshape(parts, -1, *leaf.shape[1:])

    def whole(leaf: jax.Array) -> jax.Array:
        each = leaf.reshape(parts, ways, -1, *leaf.shape[2:])
        return jnp.swapaxes(each, 0, 1).reshape(batch, *leaf.shape[2:])

    found = jax.lax.map(read, jax.tree.map(cut, (prompts, lengths, adapter_rows)))
    caches, logits = jax.tree.map(whole, found)
    return caches, logits


def read_at_once(batch: int, width: int, ways: int) -> int:
    """How many prompts of ``width`` tokens ``prefill`` reads together, on devices that split a
    batch ``ways`` ways.
    """
    return ways * most_dividing(batch // ways, READ_AT_ONCE // width)


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
    first, *longer = _stages(new_tokens)
    course, state = begin(
        spec, params, prompts, lengths, keys, settings, stop_ids, new_tokens, adapter_rows, first
    )
    # What is drawn last is not read, so it needs no slot.
    state = decode(spec, params, course, state, min(first + 1, new_tokens))
    for slots in longer:
        state = state._replace(own=[grown(cache, slots) for cache in state.own])
        state = decode(spec, params, course, state, min(slots + 1, new_tokens))
    return state.samples


def _stages(new_tokens: int) -> list[int]:
    """How many slots the caches have, one stage after the other; in the last, enough for all."""
    count = min(max(1, new_tokens // SHORTEST_STAGE), MOST_STAGES)
    size = -(-new_tokens // (count * ALIGNED)) * ALIGNED
    return [min(end, new_tokens) for end in range(size, new_tokens + size, size)]


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
    slots: int | None = None,
) -> tuple[Course, DecodeState]:
    """Reads the prompts and draws the first token of every completion; ``slots`` (None: enough for
    all) is how many tokens the caches hold.
    """
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
    caches = [empty_cache(spec, keys.size, slots or new_tokens)] * spec.layers
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
    # A sum along the vocabulary needs all of a row, so each device takes some of the rows.
    logits = held(logits, "batch", "draws", None)
    drawn = draw(logits, uniform, *course.settings)
    return DecodeState(slot + 1, drawn.tokens, own, _record(before, slot, drawn, course.stop_ids))


def _nothing_yet(lengths: jax.Array, group: int, new_tokens: int) -> Samples:
    rows = (lengths.shape[0], group)
    return Samples(
        tokens=jnp.zeros((*rows, new_tokens), jnp.int32),
        logprobs=jnp.zeros((*rows, new_tokens), jnp.float32),
        lengths=jnp.zeros(rows, jnp.int32),
        finished=jnp.broadcast_to(lengths[:, None] == 0, rows),
    )


def _record(samples: Samples, slot: jax.Array, drawn: Drawn, stop_ids: jax.Array) -> Samples:
    """Writes what was ``drawn`` ``[batch, group]`` at the slot of rows that have not stopped."""
    running = ~samples.finished
    update = partial(jax.lax.dynamic_update_slice_in_dim, start_index=slot, axis=2)
    return Samples(
        update(samples.tokens, jnp.where(running, drawn.tokens, 0)[..., None]),
        update(samples.logprobs, jnp.where(running, drawn.logprobs, 0.0)[..., None]),
        samples.lengths + running,
        samples.finished | (running & jnp.isin(drawn.tokens, stop_ids)),
    )
