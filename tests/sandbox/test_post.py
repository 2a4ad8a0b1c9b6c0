"""Claims about what a lane receives."""

import json
import socket

from sandbox.post import Inbox


def line(kind: str, **more: object) -> bytes:
    return json.dumps({"kind": kind, **more}).encode() + b"\n"


def test_a_request_that_is_dropped_and_comes_back_is_not_lost() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        inbox = Inbox(theirs)
        first, other = line("sweep", number=7), line("sweep", number=8)
        drop = line("drop", numbers=[7, 8])
        ours.sendall(first + other)
        assert inbox.take().keys() == {7, 8}
        ours.sendall(drop + first)
        assert inbox.dropped() == {7, 8}
        assert inbox.take().keys() == {7}
        ours.sendall(first + other + drop + other)
        assert inbox.take().keys() == {8}
