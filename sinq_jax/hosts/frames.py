"""What hosts and their hub say to each other: a small JSON object, and bytes after it."""

import asyncio
import json
import struct
from typing import Any, BinaryIO, NamedTuple

_SIZES = struct.Struct(">IQ")
_LONGEST_HEAD = 1 << 20


class Frame(NamedTuple):
    """``head["do"]`` names what is said; ``body`` is empty for most of it."""

    head: dict[str, Any]
    body: bytes


class FrameError(OSError):
    """The other side ended, or speaks another language."""


def packed(body: bytes = b"", **head: Any) -> bytes:
    """The bytes of one frame."""
    text = json.dumps(head).encode()
    return _SIZES.pack(len(text), len(body)) + text + body


def read(stream: BinaryIO) -> Frame:
    """The next frame; waits for it. Raises ``OSError`` when none comes any more."""
    head, body = _sizes(_exactly(stream, _SIZES.size))
    return Frame(_head(_exactly(stream, head)), _exactly(stream, body))


async def read_async(stream: asyncio.StreamReader) -> Frame:
    """The same for the hub. Raises ``OSError`` or ``EOFError``."""
    head, body = _sizes(await stream.readexactly(_SIZES.size))
    return Frame(_head(await stream.readexactly(head)), await stream.readexactly(body))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise FrameError("the connection was closed")
    return found


def _sizes(raw: bytes) -> tuple[int, int]:
    head, body = _SIZES.unpack(raw)
    if head > _LONGEST_HEAD:
        raise FrameError("expected a host of this run, got something else")
    return head, body


def _head(raw: bytes) -> dict[str, Any]:
    try:
        head = json.loads(raw)
    except ValueError as error:
        raise FrameError("expected a host of this run, got something else") from error
    if not isinstance(head, dict):
        raise FrameError("expected a host of this run, got something else")
    return head
