"""A plan as people read it: work and time of one device. Its memory is in ``memory.py``."""

from collections.abc import Iterable, Mapping, Sequence

from sinq_jax.plan.chips import Chip
from sinq_jax.plan.costs import Cost
from sinq_jax.plan.estimate import Estimate, Estimates
from sinq_jax.plan.workload import Workload


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
    return [
        *lines,
        "  (drawn from models of one and of two periods of layers, because a compiler counts a",
        "  loop's body once; ms is the longest of the chip's ceilings, and no run is as fast; the",
        "  compiler's own estimate of seconds is not used, because libtpu's may be negative)",
    ]


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
