"""The job ``plan``: what a config costs on devices, which need not be there, before it is run."""

import sys
from collections.abc import Mapping
from functools import cache

from jax.sharding import Mesh

from sinq_jax.config import Config
from sinq_jax.errors import SinqError
from sinq_jax.plan.changes import Change
from sinq_jax.plan.chips import Chip, chip_of
from sinq_jax.plan.estimate import memories, with_costs
from sinq_jax.plan.layout import laid_out
from sinq_jax.plan.memory import GIB, memory_table
from sinq_jax.plan.search import LONGEST_S, Search
from sinq_jax.plan.table import cost_table, joined, round_table
from sinq_jax.plan.topology import open_topology


class DoesNotFitError(SinqError):
    """A config needs more memory than the devices have; the message has the numbers and the nearest
    change that fits.
    """


def plan(config: Config, name: str) -> None:
    """Prints the plan of a config on the topology ``name``.

    Raises ``DoesNotFitError`` after the table of memory, and of what was tried.
    """
    topology = open_topology(name)
    layout, chip = laid_out(config, topology), chip_of(topology.kind)
    training, sampling = layout.training, layout.sampling
    print(
        f"{config.name} on {topology.name}: {_ways(training)} to learn, {_ways(sampling)} to sample"
    )
    found = memories(layout.work, training, sampling, _say)
    memory, large = memory_table(layout.standing, found, chip.name, chip.memory_bytes)
    print(f"\n{joined([memory])}", flush=True)
    if not large:
        found = with_costs(found, layout.work, training, sampling, _say)
        tables = [cost_table(found, chip), round_table(layout.work, found, chip, layout.devices)]
        print(f"\n{joined(tables)}", flush=True)
        return
    # A change is laid out to see that it can be, and again to be weighed.
    lay_out = cache(lambda changed: laid_out(changed, topology))
    search = Search(chip.memory_bytes, lay_out, _say)
    change = search.nearest(config, large)
    print(f"\n{joined([search.lines()])}", flush=True)
    raise DoesNotFitError(_refusal(config, large, chip, search, change))


def _say(what: str) -> None:
    print(f"compiling: {what}", file=sys.stderr, flush=True)


def _ways(mesh: Mesh) -> str:
    return " x ".join(f"{axis} {size}" for axis, size in mesh.shape.items() if size > 1) or "1"


def _refusal(
    config: Config, large: Mapping[str, int], chip: Chip, search: Search, change: Change | None
) -> str:
    """What does not fit, and the nearest change with which everything does."""
    needs = " and ".join(f"{peak / GIB:.1f} for the {name}" for name, peak in large.items())
    if change is not None:
        advice = f"the nearest change that fits is {change}"
    else:
        why = "" if search.in_time else f" within {LONGEST_S:.0f} s"
        advice = (
            f"{len(search.tried)} changes did not do{why}; take more devices or a smaller model"
        )
    return (
        f"--job=plan: expected {config.name} to need at most {chip.memory_bytes / GIB:.1f} GiB of "
        f"a {chip.name}, got {needs}; {advice}"
    )
