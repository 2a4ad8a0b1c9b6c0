"""What grows while a sandbox is used, and what is left when it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from perf.soak_programs import TRACE
from perf.vitals import Vitals, mark, processes

# The share of the time in which caches fill and servers start; afterwards nothing may grow.
WARM_UP = 0.3
MEMORY = {
    "memory of this process, KiB": "memory_kib",
    "memory of the largest lane, KiB": "lane_memory_kib",
    "memory of the largest server, KiB": "server_memory_kib",
}
COUNTED = {
    "descriptors of this process": "descriptors",
    "descriptors of a lane, at most": "lane_descriptors",
    "descriptors of a server, at most": "server_descriptors",
    "lanes": "lanes",
    "stray processes": "strays",
    "zombies of this process and lanes": "zombies",
    "zombies of a server, at most": "server_zombies",
    "temporary files": "files",
}
# Allocators keep what they may need again; more than this is no such thing.
SLACK_KIB, SLACK_SHARE = 2048, 0.03


@dataclass(frozen=True)
class Trend:
    """One thing that must not grow. ``warm`` and ``end`` are its level in the first and the last
    third of the time after the warm-up, ``slope`` its rise in a minute, ``allowed`` the largest
    end.
    """

    name: str
    warm: float
    end: float
    allowed: float
    slope: float

    @property
    def leaks(self) -> bool:
        return self.end > self.allowed

    def __str__(self) -> str:
        mark = "  LEAKS" if self.leaks else ""
        numbers = f"{self.warm:9.0f} {self.end:9.0f} {self.allowed:9.0f} {self.slope:9.2f}"
        return f"{self.name:34} {numbers}{mark}"


def trends(vitals: Sequence[Vitals]) -> list[Trend]:
    """Return the trend of everything that must be flat; none of anything without three looks.

    Memory is compared by the median, with some slack; what is counted by its maximum, with none
    but for zombies of lanes: a server that was killed may wait for the next job that needs it.
    """
    later = list(vitals)[int(len(vitals) * WARM_UP) :]
    third = len(later) // 3
    if not third:
        return []
    first, last = later[:third], later[-third:]
    found = []
    for name, key in {**MEMORY, **COUNTED}.items():
        level = median if key in MEMORY.values() else max
        warm, end = (float(level(getattr(v, key) for v in part)) for part in (first, last))
        slack = 0.0
        if key in MEMORY.values():
            slack = max(SLACK_KIB, SLACK_SHARE * warm)
        elif key == "zombies":
            slack = float(max(v.servers for v in first))
        slope = _slope([(v.at_s / 60, float(getattr(v, key))) for v in later])
        found.append(Trend(name, warm, end, warm + slack, slope))
    return found


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the least-squares line; 0 for points at one place."""
    center, level = fmean(x for x, _ in points), fmean(y for _, y in points)
    spread = sum((x - center) ** 2 for x, _ in points)
    return sum((x - center) * (y - level) for x, y in points) / spread if spread else 0.0


def left_over(room: str, folder: Path, descriptors: int) -> list[str]:
    """Return a line for each kind of thing that a closed sandbox has left behind.

    room: its empty folder; folder: where its process made temporary files; descriptors: how many
    more that process has open than before.
    """
    marked = mark(room)
    found = {
        "processes": sum(marked in process.command for process in processes()),
        "files": sum(1 for _ in folder.rglob("*")),
        "descriptors": descriptors,
        "traces of a hostile program": int(Path(TRACE).exists()),
    }
    return [f"left behind: {count} {name}" for name, count in found.items() if count]
