"""Questions and answers as lines of JSON: one line in, one line out, in the same order."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import fields
from queue import Queue
from typing import Any, TypeVar

from sandbox.records import Check, SandboxError
from sandbox.search import Pair

T = TypeVar("T")
CHUNK = 1 << 18
TEXTS_OF_A_PAIR = ("entry_point", "original", "variant")


def answers(descriptor: int, room: int, submit: Callable[[bytes, int], Future[T]]) -> Iterator[T]:
    """Yield the answer to each line of a stream in its turn, as soon as it is there.

    submit: what begins with a line and its number, counted from 1; blank lines are left out. room:
    how many lines may be underway. What is raised by an answer is raised here.
    """
    underway: Queue[Future[T] | None] = Queue(room)

    def feed() -> None:
        # Closed, because nobody reads the answers: threads that are gone say RuntimeError.
        with contextlib.suppress(SandboxError, RuntimeError):
            for number, line in enumerate(_lines(descriptor), 1):
                if line.strip():
                    underway.put(submit(line, number))
        underway.put(None)

    threading.Thread(target=feed, daemon=True).start()
    while (future := underway.get()) is not None:
        yield future.result()


def answered(result: T) -> Future[T]:
    """Return the future of an answer that is there already."""
    future: Future[T] = Future()
    future.set_result(result)
    return future


def parse_line(line: bytes, number: int) -> Check:
    """Return the check that a line of JSON holds; raise ValueError with the reason."""
    record = _record(line, number, tuple(each.name for each in fields(Check)))
    known = {each.name: record[each.name] for each in fields(Check)}
    return Check(**{**known, "id": str(known["id"])})


def parse_pair(line: bytes, number: int) -> Pair:
    """Return the pair to search that a line of JSON holds; raise ValueError with the reason.

    A line for `check` is one too: its `input` is the claimed one.
    """
    record = _record(line, number, ("id", *TEXTS_OF_A_PAIR))
    claimed, known = record.get("input"), record.get("inputs", [])
    if claimed is None and not known:
        raise ValueError(f"line {number}: no input and no inputs")
    if not (claimed is None or isinstance(claimed, str)):
        raise ValueError(f"line {number}: input is not a string")
    if not isinstance(known, list) or not all(isinstance(each, str) for each in known):
        raise ValueError(f"line {number}: inputs is not a list of strings")
    texts = {name: record[name] for name in TEXTS_OF_A_PAIR}
    return Pair(id=str(record["id"]), **texts, known=tuple(known), claimed=claimed)


def id_of(line: bytes) -> str:
    """Return the id of a line that is no question, as far as it has one."""
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _record(line: bytes, number: int, names: tuple[str, ...]) -> dict[str, Any]:
    """The JSON object of a line; all of the names are in it, and all but the id are texts."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(f"line {number}: not JSON") from None
    if not isinstance(record, dict):
        raise ValueError(f"line {number}: not a JSON object")
    for name in names:
        if name not in record:
            raise ValueError(f"line {number}: no {name}")
        if not isinstance(record[name], str) and name != "id":
            raise ValueError(f"line {number}: {name} is not a string")
    return record


def _lines(descriptor: int) -> Iterator[bytes]:
    """Yield lines as they come; unbuffered, so that a thread that waits here holds no lock."""
    rest = b""
    while chunk := os.read(descriptor, CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    yield rest
