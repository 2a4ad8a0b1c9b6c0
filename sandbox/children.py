"""Watching one child from outside: its frames, its time, its end.

CPU time is read from the clock of the child's pid whenever the child has been silent for as long as
it may compute; a program cannot stop that clock, and nothing here waits without a bound.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass, field

CHUNK = 1 << 18
LEAST_WAIT_S = 0.01
CLOSED_GRACE_S = 0.25
EXIT_GRACE_S = 5.0
STOP_S = 30.0


@dataclass(frozen=True)
class Bounds:
    """What one child may use.

    cpu_s, wall_s: seconds for each call, or for all together. frame_bytes: bytes of each reply.
    frames: how many replies the job asks for.
    """

    cpu_s: float
    wall_s: float
    frame_bytes: int
    frames: int
    together: bool = False


@dataclass
class Run:
    """What was seen of one child.

    bodies: its frames. cpu_marks: its CPU seconds when each came, where more than one is awaited
    and each has its own time.
    stop: why it was killed (`cpu`, `wall`, `flood`, `closed`), or None. end: its exit code, or
    minus the signal that ended it. cpu_s, wall_s: seconds of the whole run.
    """

    bodies: list[bytes] = field(default_factory=list)
    cpu_marks: list[float] = field(default_factory=list)
    stop: str | None = None
    end: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0


class Child:
    """One child of a server, from its fork to its end."""

    def __init__(self, control: socket.socket, channel: socket.socket, bounds: Bounds) -> None:
        """control: the server's socket, on which pid and end arrive. channel: the job's own."""
        self._control = control
        self._channel = channel
        self._bounds = bounds
        self._pid = 0
        self._cpu_mark = 0.0
        self._wall_mark = time.monotonic()

    def watch(self, job: bytes) -> Run:
        """Send the job, collect what comes back, and see the child end, by force if need be."""
        run = Run()
        self._send(job)
        run.stop = self._collect(run)
        self._bury(run)
        if self._bounds.frames == 1 and run.stop is None and run.cpu_s >= self._bounds.cpu_s:
            run.stop = "cpu"  # it ended before this busy machine came to look at its clock
        return run

    def _send(self, job: bytes) -> None:
        patience(self._channel, socket.SO_SNDTIMEO, self._bounds.wall_s)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, BlockingIOError):
            self._channel.sendall(len(job).to_bytes(4, "little") + job)

    def _collect(self, run: Run) -> str | None:
        """Read frames until the socket closes or a bound is passed; return which one."""
        buffer = bytearray()
        patience(self._channel, socket.SO_RCVTIMEO, self._bounds.cpu_s)
        while True:
            try:
                chunk = self._channel.recv(CHUNK)
            except BlockingIOError:
                used = self._used()
                if used >= self._bounds.cpu_s:
                    return "cpu"
                if time.monotonic() - self._wall_mark >= self._bounds.wall_s:
                    return "wall"
                left = max(LEAST_WAIT_S, self._bounds.cpu_s - used)
                patience(self._channel, socket.SO_RCVTIMEO, left)
                continue
            except ConnectionResetError:
                return None
            if not chunk:
                run.bodies += [bytes(buffer)] if buffer else []
                return None
            buffer += chunk
            if len(buffer) > self._bounds.frame_bytes or len(run.bodies) > self._bounds.frames:
                return "flood"
            self._take(buffer, run)

    def _take(self, buffer: bytearray, run: Run) -> None:
        """Move whole frames from the front of buffer to run; each starts a new call's time."""
        while len(buffer) >= 4:
            size = int.from_bytes(buffer[:4], "little")
            if len(buffer) < 4 + size:
                return
            run.bodies.append(bytes(buffer[4 : 4 + size]))
            del buffer[: 4 + size]
            if self._bounds.frames > 1 and not self._bounds.together:
                self._cpu_mark = cpu_seconds(self._child_pid())
                self._wall_mark = time.monotonic()
                run.cpu_marks.append(self._cpu_mark)

    def _used(self) -> float:
        if sys.platform != "linux":
            return time.monotonic() - self._wall_mark
        return cpu_seconds(self._child_pid()) - self._cpu_mark

    def _bury(self, run: Run) -> None:
        """Wait for the child's end, kill what is left of it, and note how it ended."""
        if run.stop is None:
            if len(run.bodies) == self._bounds.frames:
                grace_s = EXIT_GRACE_S
            else:
                grace_s = CLOSED_GRACE_S
            patience(self._control, socket.SO_RCVTIMEO, grace_s)
            try:
                run.end = self._read_end()
            except BlockingIOError:
                run.stop = "closed"
            patience(self._control, socket.SO_RCVTIMEO, STOP_S)
        if run.stop is not None:
            kill(self._child_pid())
            run.end = self._read_end()
        run.cpu_s = cpu_seconds(self._pid)
        with contextlib.suppress(OSError):
            os.killpg(self._pid, signal.SIGKILL)

    def _child_pid(self) -> int:
        """Return the child's pid; it is read when first needed, since most children just end."""
        if not self._pid:
            self._pid = self._read()
        return self._pid

    def _read_end(self) -> int:
        self._child_pid()
        return self._read()

    def _read(self) -> int:
        data = self._control.recv(8)
        if len(data) != 8:
            raise ConnectionError("the server ended")
        return int.from_bytes(data, "little", signed=True)


def patience(channel: socket.socket, direction: int, seconds: float) -> None:
    """Set how long a blocking call on a socket waits before it raises BlockingIOError."""
    whole = int(seconds)
    channel.setsockopt(
        socket.SOL_SOCKET, direction, struct.pack("ll", whole, int((seconds - whole) * 1e6) or 1)
    )


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds used so far by a process that nobody has waited for yet."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def kill(pid: int) -> None:
    """Kill a child and its whole process group."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            send(pid, signal.SIGKILL)
