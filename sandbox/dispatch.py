"""Spreading tasks over lanes: who gets what next, and what happens when a lane dies."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sandbox.records import SandboxError
from sandbox.servers import command, environment

DEPTH = 32
PATIENCE_S = 0.05
CHUNK = 1 << 18
TRIES = 2
FRUITLESS = 5
STOP_S = 5.0


@dataclass
class Task:
    """One request on its way. affinity: equal for requests that share cached results."""

    number: int
    request: dict[str, Any]
    affinity: int
    read: Callable[[dict[str, Any]], Any]
    future: Future[Any] = field(default_factory=Future)
    tries: int = 0


class Lane:
    """The main process's end of one lane process."""

    def __init__(self, settings: Mapping[str, Any], core: int | None) -> None:
        """Start the process; it and its children keep to that core, if one is given.

        The room stands in its command line only for those who look which sandbox it belongs to.
        """
        ours, theirs = socket.socketpair()
        ruleset = settings["isolation"]["ruleset"]
        with theirs:
            self.process = subprocess.Popen(
                command("lane", str(theirs.fileno()), settings["room"]),
                env=environment(),
                pass_fds=(theirs.fileno(), *([ruleset] if ruleset else [])),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        ours.setblocking(False)
        self.core = core
        self.channel = ours
        self.queue: deque[Task] = deque()
        self.underway: dict[int, Task] = {}
        self.heard_at = time.monotonic()
        self.outgoing = bytearray()
        self.say({**settings, "core": core})
        self.incoming = bytearray()

    def say(self, request: Mapping[str, Any]) -> None:
        """Put a request on its way."""
        self.outgoing += json.dumps(request).encode() + b"\n"

    def hand(self, task: Task) -> None:
        """Hand a task to the process."""
        if not self.underway:
            self.heard_at = time.monotonic()
        self.underway[task.number] = task
        self.say({"number": task.number, **task.request})

    def close(self) -> None:
        """End the process; what it was doing is dropped."""
        self.channel.close()
        if self.underway:  # else it ends by itself, after its servers
            self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Dispatcher:
    """Keeps every lane supplied, and resolves futures from one background thread."""

    def __init__(
        self,
        cores: Sequence[int | None],
        settings: Mapping[str, Any],
        count: Callable[[Mapping[str, int]], None],
    ) -> None:
        """cores: one lane for each, kept to it. count: called with the counts of each reply."""
        self._settings = settings
        self._count = count
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._closed = False
        self._failed: SandboxError | None = None
        self._fruitless = 0
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._lanes = [self._start(core) for core in cores]
        _let_go_in_forks(self)
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)
        self._thread.start()

    def submit(self, tasks: Iterable[Task]) -> None:
        """Queue tasks; raise SandboxError when the sandbox is closed or was forked away."""
        if os.getpid() != self._owner:
            raise SandboxError("Sandbox: expected use in the process that made it, got a fork")
        with self._lock:
            if self._failed:
                raise self._failed
            if self._closed:
                raise SandboxError("Sandbox: expected an open sandbox, got a closed one")
            for task in tasks:
                self._lanes[task.affinity % len(self._lanes)].queue.append(task)
            self._supply()
        self._wake()

    def close(self) -> None:
        """End thread and lanes; open futures fail."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._wake()
        self._thread.join()
        for lane in self._lanes:
            lane.close()
        self._fail_all(SandboxError("Sandbox: closed before this was done"))
        self._selector.close()
        self._waker.close()
        self._woken.close()

    def _start(self, core: int | None) -> Lane:
        lane = Lane(self._settings, core)
        self._selector.register(lane.channel, selectors.EVENT_READ | selectors.EVENT_WRITE, lane)
        return lane

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._waker.send(b"w")

    def _supply(self) -> None:
        """Hand queued tasks to lanes that have room; a lane without any takes another's last.

        Idle lanes come first, and among them those for which something is meant.
        """
        waiting = sum(len(lane.queue) for lane in self._lanes)
        for room in (1, min(DEPTH, 2 + waiting // (2 * len(self._lanes)))):
            for lane in sorted(self._lanes, key=lambda each: not each.queue):
                while waiting and len(lane.underway) < room:
                    if lane.queue:
                        task = lane.queue.popleft()
                    else:
                        task = max(self._lanes, key=lambda each: len(each.queue)).queue.pop()
                    waiting -= 1
                    if task.tries or task.future.set_running_or_notify_cancel():
                        lane.hand(task)

    def _relieve(self) -> bool:
        """Let idle lanes take over what waits in a lane that has been silent; say if some waits.

        The first that a silent lane still has is what it works on. It is told to drop the others;
        should it have done one already, its reply comes for nothing.
        """
        waits = False
        for idle in [lane for lane in self._lanes if not lane.underway]:
            busiest = max(self._lanes, key=lambda lane: len(lane.underway))
            others = [*busiest.underway][1:]
            waits = waits or bool(others)
            if others and time.monotonic() - busiest.heard_at > PATIENCE_S:
                taken = others[len(others) // 2 :]
                busiest.say({"kind": "drop", "numbers": taken})
                self._count({"taken over": len(taken)})
                for number in taken:
                    idle.hand(busiest.underway.pop(number))
        return waits

    def _serve(self) -> None:
        waits = False
        while True:
            for key, events in self._selector.select(PATIENCE_S if waits else None):
                if key.data is None:
                    with contextlib.suppress(BlockingIOError):
                        self._woken.recv(4096)
                    continue
                self._exchange(key.data, events)
            if self._closed or self._failed:
                return
            with self._lock:
                self._supply()
                waits = self._relieve()
                for lane in self._lanes:
                    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if lane.outgoing else 0)
                    self._selector.modify(lane.channel, wanted, lane)

    def _exchange(self, lane: Lane, events: int) -> None:
        """Move bytes to and from one lane; resolve what it answered; replace it if it died."""
        try:
            if events & selectors.EVENT_WRITE:
                with self._lock:
                    del lane.outgoing[: lane.channel.send(lane.outgoing)]
            if events & selectors.EVENT_READ:
                chunk = lane.channel.recv(CHUNK)
                if not chunk:
                    raise ConnectionResetError
                lane.incoming += chunk
                lane.heard_at = time.monotonic()
        except BlockingIOError:
            return
        except OSError:
            self._replace(lane)
            return
        *lines, rest = lane.incoming.split(b"\n")
        lane.incoming = rest
        for line in lines:
            self._resolve(lane, json.loads(line))

    def _resolve(self, lane: Lane, reply: dict[str, Any]) -> None:
        self._fruitless = 0
        self._count(reply["counts"])
        with self._lock:
            task = lane.underway.pop(reply["number"], None)
        if task is not None:  # else another lane has taken it over
            task.future.set_result(task.read(reply))

    def _replace(self, lane: Lane) -> None:
        """Start a new lane in place of a dead one; it gets the tasks that the dead one had."""
        self._selector.unregister(lane.channel)
        lane.close()
        self._count({"lanes restarted": 1})
        self._fruitless += 1
        if self._fruitless > FRUITLESS:
            self._give_up()
            return
        spent = []
        with self._lock:
            new = self._start(lane.core)
            self._lanes[self._lanes.index(lane)] = new
            new.queue = lane.queue
            for task in reversed(lane.underway.values()):
                task.tries += 1
                if task.tries >= TRIES:
                    spent.append(task)
                else:
                    new.queue.appendleft(task)
            self._supply()
        for task in spent:
            print(f"sandbox: a lane died on request {task.number}", file=sys.stderr)
            task.future.set_result(task.read({"fault": "the lane died", "counts": {}}))

    def _give_up(self) -> None:
        """Fail everything, because lanes end without ever answering."""
        with self._lock:
            self._failed = SandboxError("Sandbox: its workers end before they answer")
        self._fail_all(self._failed)

    def _fail_all(self, error: SandboxError) -> None:
        for lane in self._lanes:
            for task in (*lane.underway.values(), *lane.queue):
                if not task.future.done():
                    task.future.set_exception(error)

    def let_go(self) -> None:
        """Close a forked copy's ends of the lanes' sockets, so that lanes see their owner end."""
        for lane in self._lanes:
            lane.channel.close()


def _let_go_in_forks(dispatcher: Dispatcher) -> None:
    remembered = weakref.ref(dispatcher)

    def after_fork() -> None:
        found = remembered()
        if found is not None:
            found.let_go()

    os.register_at_fork(after_in_child=after_fork)
