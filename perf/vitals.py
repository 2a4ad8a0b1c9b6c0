"""What a sandbox holds of the machine: memory, descriptors, processes, zombies and files.

Read from /proc, so Linux only. Processes of a sandbox are known by the name of its empty working
folder, which its lanes, its servers and their children carry in their command lines, whoever their
parent is.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
LANE = b"sandbox.lane"
REST_S = 5.0


@dataclass(frozen=True)
class Process:
    """One process: what it is in the sandbox, its memory in KiB and its open descriptors."""

    pid: int
    parent: int
    state: str
    command: bytes
    memory_kib: int
    descriptors: int


@dataclass(frozen=True)
class Vitals:
    """One look at a sandbox at rest; ``at_s`` is the time of it in seconds.

    Memory in KiB is resident: of this process, and of the largest lane and the largest server,
    because how many servers there are depends on what was asked. Descriptors likewise. ``strays``
    are processes of the sandbox that are no lane and no server of a living lane. ``zombies`` are
    dead children of this process and of lanes, ``server_zombies`` of the server with the most: one
    may wait there until the next child is forked. ``files`` are counted below the folder for
    temporary files.
    """

    at_s: float
    memory_kib: int
    lane_memory_kib: int
    server_memory_kib: int
    descriptors: int
    lane_descriptors: int
    server_descriptors: int
    lanes: int
    servers: int
    strays: int
    zombies: int
    server_zombies: int
    files: int


def look_at_rest(at_s: float, room: str, folder: Path) -> Vitals:
    """Return the vitals once the servers of killed lanes have ended too, or have not in time."""
    deadline = time.monotonic() + REST_S
    while (seen := look(at_s, room, folder)).strays and time.monotonic() < deadline:
        time.sleep(REST_S / 100)
    return seen


def look(at_s: float, room: str, folder: Path) -> Vitals:
    """Return the vitals now. room: the sandbox's empty folder; folder: where temporary files go."""
    found = {each.pid: each for each in processes()}
    own = found[os.getpid()]
    lanes = [p for p in found.values() if is_lane(p, room)]
    named = [p for p in found.values() if mark(room) in p.command]
    homes = {lane.pid for lane in lanes}
    servers = [p for p in named if p.parent in homes and p.state != "Z"]
    dead = Counter(p.parent for p in found.values() if p.state == "Z")
    return Vitals(
        at_s=at_s,
        memory_kib=own.memory_kib,
        lane_memory_kib=max((p.memory_kib for p in lanes), default=0),
        server_memory_kib=max((p.memory_kib for p in servers), default=0),
        descriptors=own.descriptors,
        lane_descriptors=max((p.descriptors for p in lanes), default=0),
        server_descriptors=max((p.descriptors for p in servers), default=0),
        lanes=len(lanes),
        servers=len(servers),
        strays=len(named) - len(servers),
        zombies=sum(dead[pid] for pid in (own.pid, *homes)),
        server_zombies=max((dead[server.pid] for server in servers), default=0),
        files=sum(1 for _ in folder.rglob("*")),
    )


def members(room: str) -> dict[str, list[int]]:
    """Return the pids of the sandbox's lanes and of their servers, ascending."""
    found = list(processes())
    lanes = [p.pid for p in found if is_lane(p, room)]
    marked = mark(room)
    servers = [p.pid for p in found if p.parent in lanes and marked in p.command]
    return {"lane": sorted(lanes), "server": sorted(servers)}


def is_lane(process: Process, room: str) -> bool:
    """Say whether a process is a lane that this process started for the sandbox of this room."""
    return (
        process.parent == os.getpid()
        and LANE in process.command
        and room.encode() in process.command
    )


def mark(room: str) -> bytes:
    """Return what stands in the command line of every server whose sandbox has this room."""
    return room.encode().hex().encode()


def processes() -> Iterator[Process]:
    """Yield all processes of the machine that this one may look at, as far as they still exist."""
    for folder in PROC.glob("[0-9]*"):
        try:
            state, parent = _stat(folder)
            resident = int((folder / "statm").read_text().split()[1]) * PAGE_KIB
            command = (folder / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        yield Process(int(folder.name), parent, state, command, resident, _descriptors(folder))


def _stat(folder: Path) -> tuple[str, int]:
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return fields[0], int(fields[1])


def _descriptors(folder: Path) -> int:
    try:
        return len(os.listdir(folder / "fd"))
    except OSError:  # not ours to look at
        return 0
