"""A host of a run that has several: its link to the hub, and its end when another host is gone."""

import atexit
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable
from itertools import accumulate, pairwise
from types import TracebackType
from typing import Any, NoReturn

from sandbox import SandboxError
from sinq_jax.errors import SinqError
from sinq_jax.hosts.face import Hosts
from sinq_jax.hosts.frames import Frame, packed, read
from sinq_jax.hosts.hub import ALIVE_S, SILENCE_S
from sinq_jax.interruption import Interrupted

NEWS_S = 1.0
"""Seconds in which a host that fails waits for the word that another one is gone, of which its own
failure is then a consequence. The word takes milliseconds when a process has ended."""
MISTAKES = (SinqError, SandboxError)
"""What ``run.py`` tells in one line, with exit status 2."""


class JoinError(Exception):
    """A host may not take part; the message says what was expected, got, and what to do."""


class Linked(Hosts):
    """One of ``count`` hosts. When another is gone, it prints one line and ends this process, even
    where the main thread waits in a computation for ever.
    """

    def __init__(self, connection: socket.socket, number: int, count: int) -> None:
        """Join through a connection to the hub; waits for the other hosts. Raises JoinError."""
        self.number, self.count = number, count
        self._connection = connection
        self._stream = connection.makefile("rb")
        self._sending, self._ending = threading.Lock(), threading.Lock()
        self._given: queue.SimpleQueue[list[bytes]] = queue.SimpleQueue()
        self._say: Callable[[str], None] = _print
        self._left = False
        self._heard_at = time.monotonic()
        self._send(do="join", host=number, of=count)
        threading.Thread(target=self._beat, daemon=True).start()
        self.port = self._begun()
        threading.Thread(target=self._listen, daemon=True).start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.part()
        else:
            self.leave(_reason(error), _status(error))

    def exchange(self, what: str, mine: bytes) -> list[bytes]:
        self._send(mine, do="give", what=what)
        return self._given.get()

    def part(self) -> None:
        if not self._left:
            self.wait("parting")
            self._left = True
            self._send(do="leave", why="", status=0)

    def leave(self, why: str, status: int) -> None:
        if self._left:
            return
        time.sleep(NEWS_S)  # the listening thread ends the process when there is news
        with self._ending:
            self._left = True
        # jax's own end would wait for the others, minutes long. Registered last, this comes first.
        atexit.register(_end_now, status)
        self._send(do="leave", why=why, status=status)

    def say_through(self, say: Callable[[str], None]) -> None:
        self._say = say

    def _begun(self) -> int:
        """The port of jax's service, once all are there."""
        while True:
            try:
                head = read(self._stream).head
            except OSError as error:
                raise JoinError(f"expected the first host to wait for this one, got {error}") from (
                    error
                )
            self._heard_at = time.monotonic()
            if head["do"] in ("refuse", "gone"):
                raise JoinError(head["why"])
            if head["do"] == "begin":
                port: int = head["port"]
                return port

    def _send(self, body: bytes = b"", **head: Any) -> None:
        """A hub that is not there any more is the listening thread's news."""
        try:
            with self._sending:
                self._connection.sendall(packed(body, **head))
        except OSError:
            time.sleep(NEWS_S)

    def _beat(self) -> None:
        while not self._left:
            time.sleep(ALIVE_S)
            self._send(do="alive")
            if time.monotonic() - self._heard_at > SILENCE_S:
                self._gone(f"the hub of host 0 is silent for {SILENCE_S:.0f} s")

    def _listen(self) -> None:
        while True:
            try:
                self._heed(read(self._stream))
            except OSError as error:
                self._gone(f"the hub of host 0 is gone: {error}")
                return

    def _heed(self, frame: Frame) -> None:
        self._heard_at = time.monotonic()
        if frame.head["do"] == "given":
            cuts = [0, *accumulate(frame.head["sizes"])]
            self._given.put([frame.body[start:end] for start, end in pairwise(cuts)])
        elif frame.head["do"] in ("gone", "refuse"):
            self._gone(frame.head["why"], frame.head.get("status", 1))

    def _gone(self, why: str, status: int = 1) -> None:
        with self._ending:
            if not self._left:
                advice = (
                    "" if status == 2 else "; the same command goes on from the last checkpoint"
                )
                self._say(why + advice)
                os._exit(status)


def _status(error: BaseException) -> int:
    if isinstance(error, Interrupted):
        return error.exit_status
    return 2 if isinstance(error, MISTAKES) else 1


def _reason(error: BaseException) -> str:
    """One line for the other hosts."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _end_now(status: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
