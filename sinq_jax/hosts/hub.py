"""The process between the hosts of a run, started by the first: ``python -m sinq_jax.hosts.hub``.

It passes on what hosts exchange, and tells everyone when one of them has ended. jax's coordination
service runs here too and not in the first host, as it does by default: jax ends every process, with
pages of its own, in the moment in which that service is gone. Here it outlives the host that it was
started by, so that the others have time to say in one line what happened.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from sinq_jax.hosts.frames import Frame, packed, read_async

JOIN_S = 300.0
"""Seconds until all hosts must have joined."""
ALIVE_S = 5.0
"""Seconds from one sign of life to the next, in both directions."""
SILENCE_S = 60.0
"""Seconds without one, after which a host is gone. A process that ends is noticed at once, by its
connection; this is for machines and networks that fail, and shorter than jax's own 100 seconds."""
JAX_SHUTDOWN_S = 60
"""Seconds that jax waits for the others when a host ends."""


class Hub:
    """Joins ``count`` hosts and lives until the last has gone. ``start_service`` is called when all
    are there, and returns the port of jax's service and what keeps it up.
    """

    def __init__(
        self,
        count: int,
        start_service: Callable[[], tuple[int, object]],
        join_s: float = JOIN_S,
        alive_s: float = ALIVE_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._count = count
        self._start_service = start_service
        self._service: object = None
        self._join_s, self._alive_s, self._silence_s = join_s, alive_s, silence_s
        self._connections: set[asyncio.StreamWriter] = set()
        self._hosts: dict[int, asyncio.StreamWriter] = {}
        self._gifts: dict[int, tuple[str, bytes]] = {}
        self._joined, self._empty = asyncio.Event(), asyncio.Event()
        self._over = False

    async def serve(self, listener: socket.socket) -> None:
        """Until every host that joined has closed its connection."""
        server = await asyncio.start_server(self._meet, sock=listener)
        pulse = asyncio.create_task(self._pulse())
        try:
            await asyncio.wait_for(self._joined.wait(), self._join_s)
            await self._empty.wait()
        except TimeoutError:
            missing = sorted({*range(self._count)} - {*self._hosts})
            self._tell_all(
                do="refuse",
                why=f"expected {self._count} hosts within {self._join_s:.0f} s, still missing "
                f"{', '.join(map(str, missing))}; start them with the same command",
            )
        pulse.cancel()
        server.close()
        for writer in [*self._connections]:
            await self._close(writer)

    async def _pulse(self) -> None:
        while True:
            await asyncio.sleep(self._alive_s)
            self._tell_all(do="alive")

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its first frame to its last."""
        self._connections.add(writer)
        try:
            first = await asyncio.wait_for(read_async(reader), self._silence_s)
            refused = self._refusal(first.head)
            if refused:
                writer.write(packed(do="refuse", why=refused))
            else:
                await self._host(first.head["host"], reader, writer)
        except (OSError, EOFError):
            pass  # a stranger, who has no part in this
        finally:
            await self._close(writer)

    async def _host(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._hosts[number] = writer
        if len(self._hosts) == self._count:
            self._begin()
        await self._listen(number, reader)
        del self._hosts[number]
        if not self._hosts and self._joined.is_set():
            self._empty.set()

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        self._connections.discard(writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def _refusal(self, head: dict[str, Any]) -> str:
        """Why a host may not join; empty when it may."""
        number, count = head.get("host"), head.get("of")
        if count != self._count:
            return f"expected --processes={self._count}, as the first host has it, got {count}"
        if self._joined.is_set() or number in self._hosts:
            return f"expected each --process once, got {number} again; number them from 0"
        return ""

    def _begin(self) -> None:
        self._joined.set()
        try:
            port, self._service = self._start_service()
            self._tell_all(do="begin", port=port)
        except Exception as error:  # noqa: BLE001 - jax raises what its service does
            self._tell_all(do="refuse", why=f"jax's coordination service did not start: {error}")

    async def _listen(self, number: int, reader: asyncio.StreamReader) -> None:
        """What one host says, until its connection ends or it has been silent too long."""
        left = False
        try:
            while True:
                frame = await asyncio.wait_for(read_async(reader), self._silence_s)
                if frame.head["do"] == "give":
                    self._take(number, frame)
                elif frame.head["do"] == "leave":
                    left = True
                    if frame.head["why"]:
                        self._announce(number, frame.head["why"], frame.head["status"])
        except TimeoutError:
            why = f"no sign of life for {self._silence_s:.0f} s"
        except (OSError, EOFError):
            why = "its process ended"
        if not left:
            self._announce(number, why, 1)

    def _take(self, number: int, frame: Frame) -> None:
        """Keeps what a host gives, and hands everything out when all have given."""
        self._gifts[number] = (frame.head["what"], frame.body)
        if len(self._gifts) < self._count:
            return
        gifts = [self._gifts[each] for each in range(self._count)]
        self._gifts = {}
        names = [what for what, _ in gifts]
        if len({*names}) > 1:
            self._end(f"hosts are out of step, at {', '.join(names)}; please report this", 1)
            return
        bodies = [body for _, body in gifts]
        self._tell_all(b"".join(bodies), do="given", sizes=[len(body) for body in bodies])

    def _announce(self, number: int, why: str, status: int) -> None:
        self._end(f"host {number} of {self._count} is gone: {why}", status, number)

    def _end(self, why: str, status: int, but: int | None = None) -> None:
        """The first word of an end is the cause; what ends after it is the consequence."""
        if not self._over:
            self._over = True
            self._tell_all(do="gone", why=why, status=status, but=but)

    def _tell_all(self, body: bytes = b"", **head: Any) -> None:
        frame = packed(body, **head)
        for number, writer in self._hosts.items():
            if number != head.get("but"):
                with contextlib.suppress(OSError):
                    writer.write(frame)


def coordination_service(address: str, count: int) -> tuple[int, object]:
    """The service that jax needs, at a free port of ``address``, and that port.

    ``jax.distributed.initialize`` starts it in the first host and nowhere else, so what it calls is
    called here.
    """
    from jaxlib import _jax

    six = ":" in address
    family = socket.AF_INET6 if six else socket.AF_INET
    with socket.create_server((address, 0), family=family) as free:
        port: int = free.getsockname()[1]
    place = f"[{address}]:{port}" if six else f"{address}:{port}"
    return port, _jax.get_distributed_runtime_service(place, count, shutdown_timeout=JAX_SHUTDOWN_S)


def main() -> None:
    """Serve on the listening socket that the first host has opened and passed on."""
    descriptor, count, address = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    hub = Hub(count, partial(coordination_service, address, count))
    asyncio.run(hub.serve(socket.socket(fileno=descriptor)))


if __name__ == "__main__":
    main()
