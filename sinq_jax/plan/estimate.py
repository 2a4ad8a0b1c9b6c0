"""Compiling a round for devices, and what the compiler says of it: memory, work, time, limits."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jax
from jax.sharding import Mesh

from sinq_jax.mesh import batch_ways
from sinq_jax.models.transformer import param_shapes
from sinq_jax.plan.chips import Chip
from sinq_jax.plan.costs import Cost, Memory, at_depth, cost_of, memory_of
from sinq_jax.plan.programs import (
    held_bytes,
    lower_decode_step,
    lower_prefill,
    lower_sampler,
    lower_train_step,
    policy_of,
    weights_of,
)
from sinq_jax.plan.workload import Rollout, Workload
from sinq_jax.sampling.sampler import read_at_once

_ASKED = re.compile(r"\(([\d.]+)([KMG])\) exceeds available \w+ \(([\d.]+)([KMG])\)")
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30}


@dataclass(frozen=True)
class Estimate:
    """One program on one device. Where its temporary arrays alone do not fit, the compiler has
    ``refused`` it, and ``memory`` has what it asked for. ``cost`` is that of one run; ``compile_s``
    the seconds that compiling it took here.
    """

    name: str
    memory: Memory
    refused: bool
    cost: Cost
    compile_s: float

    def seconds(self, chip: Chip) -> Mapping[str, float]:
        """How long each of the chip's ceilings alone would take (Williams et al. 2009, "Roofline").
        The longest is the estimate; nothing is as fast as its ceilings.
        """
        if not chip.flops:
            return {}
        return {
            "arithmetic": self.cost.flops / chip.flops,
            "memory": self.cost.bytes / chip.bandwidth,
            "links": sum(self.cost.sent.values()) / chip.link,
        }


@dataclass(frozen=True)
class Estimates:
    """The programs of a round: the train step; of each rollout the whole sampler (for its memory),
    the prefill and one decode step.
    """

    train: Estimate
    samplers: Mapping[str, Estimate]
    prefills: Mapping[str, Estimate] = field(default_factory=dict)
    steps: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def programs(self) -> list[Estimate]:
        """Those whose memory counts."""
        return [self.train, *self.samplers.values()]


def memories(
    work: Workload, training: Mesh, sampling: Mesh, say: Callable[[str], None]
) -> Estimates:
    """The programs of a round with their memory, compiled as a run would. ``say`` is told what is
    being compiled.
    """
    say("train step")
    train, samplers = train_memory(work, training), {}
    for rollout in work.rollouts:
        say(f"sampler of the {rollout.name}")
        samplers[rollout.name] = sampler_memory(work, sampling, rollout)
    return Estimates(train, samplers)


def with_costs(
    found: Estimates, work: Workload, training: Mesh, sampling: Mesh, say: Callable[[str], None]
) -> Estimates:
    """``found`` and its work, drawn from models of one and of two periods of layers, because loops
    hide it.
    """
    say("train step of one and two periods of layers")
    train = replace(found.train, cost=_train_cost(work, training))
    prefills, steps = {}, {}
    for rollout in work.rollouts:
        say(f"prefill and decode step of the {rollout.name}, one and two periods of layers")
        prefills[rollout.name], steps[rollout.name] = _rollout_costs(work, sampling, rollout)
    return Estimates(train, found.samplers, prefills, steps)


def train_memory(work: Workload, mesh: Mesh) -> Estimate:
    """The train step, compiled as a run would."""
    weights = weights_of(work, mesh)
    given = held_bytes((weights.player, weights.base))
    return _whole("train step", given, lambda: lower_train_step(work, mesh))


def sampler_memory(work: Workload, mesh: Mesh, rollout: Rollout) -> Estimate:
    """A player's sampler, compiled as a run would."""
    given = held_bytes(policy_of(work, mesh))
    return _whole(f"sampler, {rollout.name}", given, lambda: lower_sampler(work, mesh, rollout))


def drawn_sampler_memory(work: Workload, mesh: Mesh, rollout: Rollout) -> Estimate:
    """The same drawn from models of one and of two periods of layers: in less time, and a sketch
    only. A sampler has no loop over layers, so that compiling a deep one takes minutes.
    """
    one, two = (
        sampler_memory(work.shallow(work.period * times), mesh, rollout) for times in (1, 2)
    )
    periods = work.spec.layers // work.period
    drawn = (a + (b - a) * (periods - 1) for a, b in zip(one.memory, two.memory, strict=True))
    return replace(two, memory=Memory(*drawn), refused=one.refused or two.refused)


def _whole(name: str, given: int, lower: Callable[[], Any]) -> Estimate:
    """A program's memory, by compiling it; ``given`` is how many bytes its arguments have."""
    began = time.monotonic()
    try:
        found, refused = memory_of(lower().compile()), False
    except jax.errors.JaxRuntimeError as error:
        asked = _ASKED.search(str(error))
        if asked is None:
            raise
        wanted = round(float(asked[1]) * _UNITS[asked[2]])
        found, refused = Memory(given, 0, wanted), True
    return Estimate(name, found, refused, Cost(0, 0, 0), time.monotonic() - began)


def _train_cost(work: Workload, mesh: Mesh) -> Cost:
    """Of a whole update: one micro-batch is compiled, and its work taken as often as there are.

    Scores and logits of long texts are gone through in loops, which hide work; so the arithmetic is
    at least that of the formula.
    """
    micro = [work.shallow(work.period * times).one_micro_batch() for times in (1, 2)]
    one, two = (cost_of(lower_train_step(each, mesh).compile()) for each in micro)
    cost = at_depth(one, two, work.spec.layers / work.period) * work.accumulation
    return replace(cost, flops=max(cost.flops, train_flops(work) / mesh.size))


def train_flops(work: Workload) -> float:
    """Of one update on all devices: 6 operations for each weight and token, 12 for each layer,
    query and key (Chowdhery et al. 2022, arXiv 2204.02311, appendix B); a third more where
    activations are computed again, a third less where weights are frozen.
    """
    spec = work.spec
    shapes = param_shapes(spec)
    weights = sum(leaf.size for leaf in jax.tree.leaves(shapes))
    passes = (3 if work.adapter is None else 2) + spec.remat
    total = 0.0
    for shape in work.lessons:
        seq = shape.prompt + shape.group * shape.new
        scored = 4 * spec.layers * spec.heads * spec.head_dim * seq**2
        total += shape.rows * passes * (2 * weights * seq + scored)
    return total


def _rollout_costs(work: Workload, mesh: Mesh, rollout: Rollout) -> tuple[Estimate, Estimate]:
    """Prompts are read some after the other, in a loop: the cost of some is taken as often as it
    turns.
    """
    found: list[tuple[Cost, Cost]] = []
    began = time.monotonic()
    rows = read_at_once(rollout.rows, rollout.prompt, batch_ways(mesh))
    for times in (1, 2):
        shallow = work.shallow(work.period * times)
        prefilled = lower_prefill(shallow, mesh, replace(rollout, rows=rows)).compile()
        step = lower_decode_step(shallow, mesh, rollout, prefilled).compile()
        found.append((cost_of(prefilled) * (rollout.rows / rows), cost_of(step)))
    spent, periods = time.monotonic() - began, work.spec.layers / work.period
    prefill, decode = (at_depth(one, two, periods) for one, two in zip(*found, strict=True))
    nothing = Memory(0, 0, 0)
    return (
        Estimate(f"prefill, {rollout.name}", nothing, False, prefill, spent),
        Estimate(f"decode step, {rollout.name}", nothing, False, decode, spent),
    )
