"""The programs of a round, ready to be compiled: real code on arrays that have only shapes.

Where each array lies follows from the table in ``sinq_jax/axes.py``, as in a run.
"""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.sharding import Mesh

from sinq_jax.axes import on
from sinq_jax.batching import Shape
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.train_step import Player, new_player, player_sharding, train_step
from sinq_jax.mesh import (
    adapters_sharding,
    batch_sharding,
    params_sharding,
    policy_sharding,
    replicated,
)
from sinq_jax.models.lora import with_adapters
from sinq_jax.models.transformer import Params, param_shapes
from sinq_jax.plan.workload import Rollout, Workload
from sinq_jax.sampling.sampler import (
    Course,
    DecodeState,
    SamplerSettings,
    begin,
    decode,
    sample,
)
from sinq_jax.sampling.weights import narrowed


class Weights(NamedTuple):
    """What is held between programs: the player that learns, and the frozen base under it."""

    player: Player
    base: Params | None


def held_bytes(tree: Any) -> int:
    """Bytes of one device for arrays, or shapes, with their places."""
    return sum(
        prod(leaf.sharding.shard_shape(leaf.shape)) * leaf.dtype.itemsize
        for leaf in jax.tree.leaves(tree)
    )


def _array(shape: tuple[int, ...], dtype: Any, sharding: Any) -> Any:
    """The shape of an array, in the place of one."""
    return jax.ShapeDtypeStruct(shape, dtype, sharding=sharding)  # type: ignore[no-untyped-call]


def _placed(shapes: Any, shardings: Any) -> Any:
    return jax.tree.map(
        lambda leaf, sharding: _array(leaf.shape, leaf.dtype, sharding), shapes, shardings
    )


def weights_of(work: Workload, mesh: Mesh) -> Weights:
    """The weights as shapes with their places. Raises ``MeshError`` where the mesh does not divide
    them.
    """
    split, base = params_sharding(mesh, work.spec), None
    learned = param_shapes(work.spec)
    if work.adapter is not None:
        base = _placed(learned, split)
        learned = jax.eval_shape(partial(work.adapter.fresh, work.spec), jax.random.key(0))
        split = adapters_sharding(mesh, work.spec, work.adapter)
    player = jax.eval_shape(partial(new_player, optimizer=work.optimizer), learned)
    places = player_sharding(work.optimizer, learned, split, replicated(mesh))
    return Weights(_placed(player, places), base)


def _batch(mesh: Mesh, shape: Shape) -> GroupBatch:
    sharding = batch_sharding(mesh)

    def array(dtype: Any, *axes: int) -> Any:
        return _array((shape.rows, *axes), dtype, sharding)

    return GroupBatch(
        prompt=array(jnp.int32, shape.prompt),
        prompt_length=array(jnp.int32),
        completion=array(jnp.int32, shape.group, shape.new),
        completion_length=array(jnp.int32, shape.group),
        weight=array(jnp.float32, shape.group),
        behaviour=array(jnp.float32, shape.group, shape.new),
        sampled=array(jnp.bool_, shape.group),
    )


def lower_train_step(work: Workload, mesh: Mesh) -> Any:
    """The train step as ``jax.stages.Lowered``."""
    weights = weights_of(work, mesh)
    lessons = tuple(_batch(mesh, shape) for shape in work.lessons)
    each = _array((len(lessons),), jnp.float32, replicated(mesh))
    rate = _array((), jnp.float32, replicated(mesh))
    with on(mesh):
        return train_step.lower(
            work.spec,
            work.optimizer,
            weights.player,
            lessons,
            each,
            rate,
            each,
            work.accumulation,
            weights.base,
        )


def policy_of(work: Workload, mesh: Mesh) -> Params:
    """The parameters that are sampled with on ``mesh``, as shapes with their places."""
    weights = weights_of(work, mesh)
    policy = weights.player.params
    if weights.base is not None:
        policy = with_adapters(weights.base, policy)
    shapes = jax.eval_shape(partial(narrowed, work.spec), policy)
    return _placed(shapes, policy_sharding(mesh, work.spec, shapes))


def _sampler_arguments(work: Workload, mesh: Mesh, rollout: Rollout) -> tuple[Any, ...]:
    """What ``sample`` and ``begin`` take after the spec."""
    split, whole = batch_sharding(mesh), replicated(mesh)
    key = jax.eval_shape(lambda: jax.random.key(0)).dtype
    real, whole_number = (_array((), dtype, whole) for dtype in (jnp.float32, jnp.int32))
    return (
        policy_of(work, mesh),
        _array((rollout.rows, rollout.prompt), jnp.int32, split),
        _array((rollout.rows,), jnp.int32, split),
        _array((rollout.rows, rollout.group), key, whole),
        SamplerSettings(real, real, whole_number),
        _array((2,), jnp.int32, whole),
    )


def lower_sampler(work: Workload, mesh: Mesh, rollout: Rollout) -> Any:
    """The whole sampler as ``jax.stages.Lowered``: its memory is that of a run."""
    arguments = _sampler_arguments(work, mesh, rollout)
    with on(mesh):
        return sample.lower(work.spec, *arguments, rollout.new, None)


def lower_prefill(work: Workload, mesh: Mesh, rollout: Rollout) -> Any:
    """Reading the prompts and drawing the first token."""
    arguments = _sampler_arguments(work, mesh, rollout)
    with on(mesh):
        return jax.jit(_prefill(work, rollout)).lower(*arguments)


def lower_decode_step(work: Workload, mesh: Mesh, rollout: Rollout, prefilled: Any) -> Any:
    """One more token of every completion. ``prefilled`` is the compiled ``lower_prefill``, which
    says where its results lie.
    """
    arguments = _sampler_arguments(work, mesh, rollout)
    with on(mesh):
        shapes = jax.eval_shape(_prefill(work, rollout), *arguments)
        course, state = _placed(shapes, prefilled.output_shardings)

        def step(params: Params, course: Course, state: DecodeState) -> DecodeState:
            return decode(work.spec, params, course, state, state.slot + 1)

        return jax.jit(step, donate_argnums=2).lower(arguments[0], course, state)


def _prefill(work: Workload, rollout: Rollout) -> Callable[..., tuple[Course, DecodeState]]:
    def run(
        params: Params,
        prompts: jax.Array,
        lengths: jax.Array,
        keys: jax.Array,
        settings: SamplerSettings,
        stops: jax.Array,
    ) -> tuple[Course, DecodeState]:
        new = rollout.new
        return begin(work.spec, params, prompts, lengths, keys, settings, stops, new, None)

    return run
