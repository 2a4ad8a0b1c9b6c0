"""What a lane receives and sends: JSON lines on one socket, a few at a time."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from typing import Any

CHUNK = 1 << 18
TOGETHER_S = 0.002

Request = dict[str, Any]


class Inbox:
    """Requests that have come and are not taken yet; closed: no more can come."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._rest = b""
        self._held: dict[int, Request] = {}
        self.closed = False

    def settings(self) -> dict[str, Any]:
        """Return the first line, after waiting for it."""
        while b"\n" not in self._rest:
            chunk = self._channel.recv(CHUNK)
            if not chunk:
                raise ConnectionResetError
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        self._sort(b"")
        settings: dict[str, Any] = json.loads(line)
        return settings

    def take(self) -> dict[int, Request]:
        """Return all requests by number, after waiting for one; none when no more can come."""
        while not self._held and not self.closed:
            self._receive(0)
        self.dropped()
        taken, self._held = self._held, {}
        return taken

    def dropped(self) -> set[int]:
        """Look what has come, without waiting; return the numbers nobody waits for any more."""
        dropped: set[int] = set()
        with contextlib.suppress(BlockingIOError):
            while not self.closed:
                dropped |= self._receive(socket.MSG_DONTWAIT)
        return dropped

    def _receive(self, flags: int) -> set[int]:
        chunk = self._channel.recv(CHUNK, flags)
        self.closed = not chunk
        return self._sort(chunk)

    def _sort(self, chunk: bytes) -> set[int]:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        dropped: set[int] = set()
        for request in map(json.loads, lines):
            if request["kind"] == "drop":
                dropped.update(request["numbers"])
                for number in request["numbers"]:
                    self._held.pop(number, None)
            else:  # one that was dropped may come back, when the lane that took it over is silent
                self._held[request["number"]] = request
        return dropped


class Outbox:
    """Replies on their way. Quick ones leave together, because each departure wakes the reader."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._held: list[bytes] = []
        self._left_at = 0.0

    def put(self, reply: dict[str, Any]) -> None:
        """Take a reply; send all that are held when the last ones left a while ago."""
        self._held.append(json.dumps(reply).encode() + b"\n")
        if time.monotonic() - self._left_at > TOGETHER_S:
            self.flush()

    def flush(self) -> None:
        """Send all that are held."""
        if self._held:
            self._channel.sendall(b"".join(self._held))
            self._held.clear()
        self._left_at = time.monotonic()
