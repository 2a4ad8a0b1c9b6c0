"""Claims about what a lane receives."""

import json
import socket

import pytest

from sandbox.post import Inbox


def line(kind: str, **more: object) -> bytes:
    return json.dumps({"kind": kind, **more}).encode() + b"\n"


SEVEN, EIGHT = line("sweep", number=7), line("sweep", number=8)
DROP = line("drop", numbers=[7, 8])


@pytest.mark.parametrize(
    ("come", "held"),
    [
        ([SEVEN + EIGHT], {7, 8}),
        ([SEVEN + EIGHT + DROP], set()),
        ([SEVEN + EIGHT, DROP + SEVEN], {7}),
        ([DROP + EIGHT], {8}),
        ([SEVEN + EIGHT + DROP + EIGHT + SEVEN], {7, 8}),
        ([SEVEN + DROP[:5], DROP[5:] + EIGHT], {8}),
    ],
)
def test_a_request_that_is_dropped_and_comes_back_is_not_lost(
    come: list[bytes], held: set[int]
) -> None:
    ours, theirs = socket.socketpair()
    inbox = Inbox(theirs)
    with ours, theirs:
        for chunk in come:
            ours.sendall(chunk)
            inbox.dropped()
        ours.shutdown(socket.SHUT_WR)  # else one that is lost would be waited for
        assert inbox.take().keys() == held
