"""A plan as people read it: memory, work and time of one device, and whether it fits."""

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

import jax

from sinq_jax.plan.chips import Chip
from sinq_jax.plan.costs import Cost
from sinq_jax.plan.estimate import Estimate, Estimates
from sinq_jax.plan.programs import Weights
from sinq_jax.plan.workload import Workload

GIB = 2**30


def held_bytes(tree: Any) -> int:
    """Bytes of one device for arrays, or shapes, with their places."""
    return sum(
        prod(leaf.sharding.shard_shape(leaf.shape)) * leaf.dtype.itemsize
        for leaf in jax.tree.leaves(tree)
    )


def weight_rows(work: Workload, weights: Weights) -> list[tuple[str, int]]:
    """What lies on a device all the time, and how many bytes it takes."""
    player = weights.player
    learned = [("optimizer", held_bytes(player.optimizer) * work.players)]
    params = held_bytes(player.params) * work.players
    if weights.base is None:
        return [("parameters", params), *learned]
    return [("frozen parameters", held_bytes(weights.base)), ("adapters", params), *learned]


def memory_table(
    work: Workload, weights: Weights, found: Estimates, chip: Chip
) -> tuple[list[str], bool]:
    """The lines, and whether every program fits. Weights that a program is not given lie beside
    what it needs.
    """
    rows = weight_rows(work, weights)
    total = sum(size for _, size in rows)
    lines = ["memory of one device, GiB"]
    lines += [f"  {name:<34} {size / GIB:9.3f}" for name, size in rows]
    fits = True
    for each in (found.train, *found.samplers.values()):
        # The train step is given one player and the base; the sampler a narrow copy of the weights.
        given = total if each.name.startswith("sampler") else total - _given(weights)
        peak = each.peak(given if each.memory else total)
        enough = each.memory is not None and (not chip.memory_bytes or peak <= chip.memory_bytes)
        fits = fits and enough
        temporary = each.memory.temporary if each.memory else each.wanted
        lines.append(
            f"  {each.name + ', at most':<34} {peak / GIB:9.3f}  "
            f"(temporary {temporary / GIB:.3f}; {'fits' if enough else 'DOES NOT FIT'}; "
            f"compiled in {each.compile_s:.0f} s)"
        )
    if chip.memory_bytes:
        lines.append(f"  {chip.name + ' has':<34} {chip.memory_bytes / GIB:9.3f}")
    return lines, fits


def _given(weights: Weights) -> int:
    """Bytes of the arguments of a train step that lie on the device anyway."""
    base = 0 if weights.base is None else held_bytes(weights.base)
    return base + held_bytes(weights.player)


def cost_table(found: Estimates, chip: Chip) -> list[str]:
    """Work of each program on one device, and what bounds it."""
    lines = [
        "work of one device",
        f"  {'':<28} {'GFLOP':>10} {'GB moved':>10} {'GB sent':>9} {'ms':>9}  bound by",
    ]
    for each in (*found.prefills.values(), *found.steps.values(), found.train):
        lines.append(f"  {each.name:<28} {_numbers(each.cost)} {_bound(each, chip)}")
        for kind, volume in sorted(each.cost.sent.items()):
            if volume >= 1e6:
                lines.append(f"    {kind:<26} {'':>10} {'':>10} {volume / 1e9:9.3f}")
    return lines


def _numbers(cost: Cost) -> str:
    sent = sum(cost.sent.values())
    return f"{cost.flops / 1e9:10.1f} {cost.bytes / 1e9:10.2f} {sent / 1e9:9.3f}"


def _bound(each: Estimate, chip: Chip) -> str:
    seconds = each.seconds(chip)
    if not seconds:
        return f"{'':>9}  (its ceilings are not known)"
    longest = max(seconds, key=lambda name: seconds[name])
    return f"{1000 * seconds[longest]:9.2f}  {longest}"


def round_table(work: Workload, found: Estimates, chip: Chip, devices: int) -> list[str]:
    """How long a round takes at the devices' ceilings, without the sandbox."""
    if not chip.flops:
        return []
    spent = _round_seconds(work, found, chip)
    total, tokens = sum(spent.values()), sum(rollout.tokens for rollout in work.rollouts)
    lines = ["a round at the ceilings, without the sandbox; a real one takes longer"]
    lines += [f"  {name:<34} {seconds:8.1f} s" for name, seconds in spent.items()]
    return [
        *lines,
        f"  {'in all':<34} {total:8.1f} s",
        f"  {'sampled tokens/s, all devices':<34} {tokens / max(total, 1e-9):8.0f}",
        f"  {'devices':<34} {devices:8d}",
    ]


def _round_seconds(work: Workload, found: Estimates, chip: Chip) -> Mapping[str, float]:
    def longest(each: Estimate) -> float:
        return max(each.seconds(chip).values())

    spent = {
        f"rollout, {rollout.name}": rollout.batches
        * (longest(found.prefills[rollout.name]) + rollout.new * longest(found.steps[rollout.name]))
        for rollout in work.rollouts
    }
    return {**spent, f"{work.updates} updates": work.updates * longest(found.train)}


def joined(parts: Iterable[Sequence[str]]) -> str:
    """Tables below each other, with an empty line between."""
    return "\n\n".join("\n".join(lines) for lines in parts if lines)
