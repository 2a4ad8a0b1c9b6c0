"""What a compiled program costs on one device, as its compiler counts it.

The compiler counts a loop's body once, whatever the number of its turns. So the cost of a deep
model is drawn from two shallow ones without loops: one period of its layers, and two.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sinq_jax.plan.collectives import volumes


@dataclass(frozen=True)
class Cost:
    """Of one device: floating-point ``flops``, ``bytes`` read and written in its memory, the
    compiler's estimate of ``seconds`` (0: it gives none), and bytes ``sent`` by kind of collective.
    """

    flops: float
    bytes: float
    seconds: float
    sent: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.flops + other.flops,
            self.bytes + other.bytes,
            self.seconds + other.seconds,
            _added(self.sent, other.sent),
        )

    def __mul__(self, times: float) -> "Cost":
        sent = {kind: volume * times for kind, volume in self.sent.items()}
        return Cost(self.flops * times, self.bytes * times, self.seconds * times, sent)


def cost_of(compiled: Any) -> Cost:
    """The cost of a ``jax.stages.Compiled`` without loops."""
    counted = compiled.cost_analysis() or {}
    return Cost(
        counted.get("flops", 0.0),
        counted.get("bytes accessed", 0.0),
        counted.get("optimal_seconds", 0.0),
        volumes(compiled.as_text()),
    )


def at_depth(one: Cost, two: Cost, periods: float) -> Cost:
    """The cost of ``periods`` periods of layers, from those of one and of two. What two need less
    of, because the compiler chose another way, is not taken to shrink with every further one.
    """
    more = two + one * -1
    sent = {kind: max(0.0, volume) for kind, volume in more.sent.items()}
    step = Cost(max(0.0, more.flops), max(0.0, more.bytes), max(0.0, more.seconds), sent)
    return one + step * (periods - 1)


def _added(left: Mapping[str, float], right: Mapping[str, float]) -> Mapping[str, float]:
    total: Counter[str] = Counter()
    for volumes_ in (left, right):
        for kind, volume in volumes_.items():
            total[kind] += volume  # type: ignore[assignment]
    return total


class Memory(NamedTuple):
    """Bytes of one device: what a program is given and keeps (``arguments``), what it gives back
    in new places, and the most that it needs beside these while it runs.
    """

    arguments: int
    results: int
    temporary: int

    @property
    def peak(self) -> int:
        """The most that is held at once."""
        return self.arguments + self.results + self.temporary


def memory_of(compiled: Any) -> Memory:
    """The memory of a ``jax.stages.Compiled``; donated arguments count once."""
    stats = compiled.memory_analysis()
    return Memory(
        stats.argument_size_in_bytes,
        max(0, stats.output_size_in_bytes - stats.alias_size_in_bytes),
        stats.temp_size_in_bytes,
    )
