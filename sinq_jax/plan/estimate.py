"""Compiling a round for devices, and what the compiler says of it: memory, work, time, limits."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import jax
from jax.sharding import Mesh

from sinq_jax.models.transformer import init_params
from sinq_jax.plan.chips import Chip
from sinq_jax.plan.costs import Cost, Memory, at_depth, cost_of, memory_of
from sinq_jax.plan.programs import (
    lower_decode_step,
    lower_prefill,
    lower_sampler,
    lower_train_step,
)
from sinq_jax.plan.workload import Rollout, Workload

_ASKED = re.compile(r"\(([\d.]+)([KMG])\) exceeds available \w+ \(([\d.]+)([KMG])\)")
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30}


@dataclass(frozen=True)
class Estimate:
    """One program on one device. ``memory`` is None where it does not fit and the compiler gave up:
    then ``wanted`` says how many bytes it asked for beside the arguments. ``cost`` is that of one
    run; ``compile_s`` the seconds that compiling it took here.
    """

    name: str
    memory: Memory | None
    wanted: int
    cost: Cost
    compile_s: float

    def peak(self, held: int) -> int:
        """Bytes at most, with ``held`` bytes beside those that the program is given."""
        own = self.memory.peak if self.memory else self.wanted
        return own + held

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


def estimate(
    work: Workload, training: Mesh, sampling: Mesh, say: Callable[[str], None]
) -> Estimates:
    """Compiles everything. Memory is that of the programs of a run; work is drawn from models of
    one and of two periods of layers, because loops hide it. ``say`` is told what is compiled.
    """
    say("train step")
    train = _whole("train step", lambda: lower_train_step(work, training))
    samplers, prefills, steps = {}, {}, {}
    for rollout in work.rollouts:
        say(f"sampler of the {rollout.name}")
        samplers[rollout.name] = _sampler(work, sampling, rollout)
    if all(each.memory for each in (train, *samplers.values())):
        say("train step of one and two periods of layers")
        train = _with_cost(train, _train_cost(work, training))
        for rollout in work.rollouts:
            say(f"prefill and decode step of the {rollout.name}, one and two periods of layers")
            prefills[rollout.name], steps[rollout.name] = _rollout_costs(work, sampling, rollout)
    return Estimates(train, samplers, prefills, steps)


def _sampler(work: Workload, mesh: Mesh, rollout: Rollout) -> Estimate:
    return _whole(f"sampler, {rollout.name}", lambda: lower_sampler(work, mesh, rollout))


def _whole(name: str, lower: Callable[[], Any]) -> Estimate:
    """A program's memory, by compiling it as a run would."""
    began = time.monotonic()
    try:
        compiled = lower().compile()
    except jax.errors.JaxRuntimeError as error:
        asked = _ASKED.search(str(error))
        if asked is None:
            raise
        wanted = round(float(asked[1]) * _UNITS[asked[2]])
        return Estimate(name, None, wanted, Cost(0, 0, 0), time.monotonic() - began)
    return Estimate(name, memory_of(compiled), 0, Cost(0, 0, 0), time.monotonic() - began)


def _with_cost(found: Estimate, cost: Cost) -> Estimate:
    return Estimate(found.name, found.memory, found.wanted, cost, found.compile_s)


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
    shapes = jax.eval_shape(partial(init_params, spec), jax.random.key(0))
    weights = sum(leaf.size for leaf in jax.tree.leaves(shapes))
    passes = (3 if work.adapter is None else 2) + spec.remat
    total = 0.0
    for shape in work.lessons:
        seq = shape.prompt + shape.group * shape.new
        scored = 4 * spec.layers * spec.heads * spec.head_dim * seq**2
        total += shape.rows * passes * (2 * weights * seq + scored)
    return total


def _rollout_costs(work: Workload, mesh: Mesh, rollout: Rollout) -> tuple[Estimate, Estimate]:
    found: list[tuple[Cost, Cost]] = []
    began = time.monotonic()
    for times in (1, 2):
        shallow = work.shallow(work.period * times)
        prefilled = lower_prefill(shallow, mesh, rollout).compile()
        step = lower_decode_step(shallow, mesh, rollout, prefilled).compile()
        found.append((cost_of(prefilled), cost_of(step)))
    spent, periods = time.monotonic() - began, work.spec.layers / work.period
    prefill, decode = (at_depth(one, two, periods) for one, two in zip(*found, strict=True))
    return (
        Estimate(f"prefill, {rollout.name}", None, 0, prefill, spent),
        Estimate(f"decode step, {rollout.name}", None, 0, decode, spent),
    )
