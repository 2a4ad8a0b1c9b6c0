"""What the machine gave: cores, CPU seconds of a family of processes, the floor of a fork."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FLOOR = """
import os, sys, time
end = time.perf_counter() + float(sys.argv[1])
count = 0
while time.perf_counter() < end:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    count += 1
print(count)
"""
TICKS = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def on_cores(count: int) -> Iterator[None]:
    """Keep this thread, and all threads and processes started from it, on so many cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and all below it, also of those that have ended."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = sum(map(int, fields[11:15]))
    family, found = {os.getpid()}, 0
    while len(family) > found:
        found = len(family)
        family |= {pid for pid, parent in parents.items() if parent in family}
    return sum(used.get(pid, 0) for pid in family) / TICKS


def forks_per_second(cores: int, seconds: float) -> float:
    """Return how many empty children a small Python forks and waits for, on so many cores."""
    command = [sys.executable, "-S", "-c", FLOOR, str(seconds)]
    with on_cores(cores):
        running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(cores)]
    return sum(int(each.communicate()[0]) for each in running) / seconds


def load() -> str:
    """Return how busy the machine is, as text."""
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}"
