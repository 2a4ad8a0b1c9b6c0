"""Claims about the hub: it notices silence, waits for nobody for ever, and minds no strangers."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sinq_jax.hosts.frames import Frame, packed, read
from sinq_jax.hosts.hub import Hub

JOIN_S, ALIVE_S, SILENCE_S = 2.0, 0.2, 1.0


class Client:
    """A host that says what a test makes it say."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=10)
        self.stream = self.socket.makefile("rb")

    def say(self, body: bytes = b"", **head: object) -> None:
        self.socket.sendall(packed(body, **head))

    def hear(self) -> Frame:
        """The next frame that is more than a sign of life."""
        while (frame := read(self.stream)).head["do"] == "alive":
            pass
        return frame

    def close(self) -> None:
        self.stream.close()
        self.socket.close()


@pytest.fixture
def hub() -> Iterator[tuple[str, int]]:
    """The address of a hub for two hosts, which has ended when the test is over."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    hub = Hub(2, lambda: (77, None), JOIN_S, ALIVE_S, SILENCE_S)
    thread = threading.Thread(target=lambda: asyncio.run(hub.serve(listener)))
    thread.start()
    yield address
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.fixture
def both(hub: tuple[str, int]) -> Iterator[list[Client]]:
    clients = [Client(hub) for _ in range(2)]
    for number, client in enumerate(clients):
        client.say(do="join", host=number, of=2)
    for client in clients:
        assert client.hear().head == {"do": "begin", "port": 77}
    yield clients
    for client in clients:
        client.close()


def test_gifts_are_handed_out_when_all_have_given(both: list[Client]) -> None:
    both[1].say(b"bcd", do="give", what="x")
    both[0].say(b"a", do="give", what="x")
    for client in both:
        assert client.hear() == Frame({"do": "given", "sizes": [1, 3]}, b"abcd")


def test_a_host_without_a_sign_of_life_is_gone(both: list[Client]) -> None:
    began = time.monotonic()
    stop = threading.Event()

    def live() -> None:
        while not stop.wait(ALIVE_S):
            both[0].say(do="alive")

    living = threading.Thread(target=live)
    living.start()
    told = both[0].hear().head
    stop.set()
    living.join()
    assert told["why"] == "host 1 of 2 is gone: no sign of life for 1 s"
    assert SILENCE_S < time.monotonic() - began < 5 * SILENCE_S


def test_the_first_end_is_the_cause_and_told_once(both: list[Client]) -> None:
    both[1].say(do="leave", why="the disk is full", status=2)
    assert both[0].hear().head["why"] == "host 1 of 2 is gone: the disk is full"
    both[1].close()
    both[0].say(do="leave", why="", status=0)
    both[0].socket.shutdown(socket.SHUT_WR)
    with pytest.raises(OSError, match="closed"):
        both[0].hear()


def test_hosts_that_do_not_come_are_missed_by_number(hub: tuple[str, int]) -> None:
    client = Client(hub)
    client.say(do="join", host=0, of=2)
    while (frame := read(client.stream)).head["do"] == "alive":
        client.say(do="alive")
    assert frame.head["why"] == (
        "expected 2 hosts within 2 s, still missing 1; start them with the same command"
    )
    client.close()


@pytest.mark.parametrize(
    "noise", [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 12, packed(do="alive"), b""]
)
def test_a_stranger_disturbs_nobody(hub: tuple[str, int], noise: bytes) -> None:
    stranger = Client(hub)
    stranger.socket.sendall(noise)
    clients = [Client(hub) for _ in range(2)]
    for number, client in enumerate(clients):
        client.say(do="join", host=number, of=2)
    for client in clients:
        assert client.hear().head["do"] == "begin"
    for client in (stranger, *clients):
        client.close()
