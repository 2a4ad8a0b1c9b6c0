"""Files of published games, recognised by what they hold and not by their names."""

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from sinq_jax.audit.formats import FaultyLineError, UnknownLineError, read_line
from sinq_jax.audit.proofs import AuditError, Row, Source
from sinq_jax.game.published import published_game
from sinq_jax.game.store import GameStore, StoreError

SQLITE, GZIP = b"SQLite format 3\0", b"\x1f\x8b"
KNOWN = (
    "a games.sqlite, or JSON lines (also gzipped): chats of the authors' release, parsed pairs, "
    "games, or published variants"
)
Read = Iterator[Row | str | None]
"""Rows, the faults of lines that could not be read, and None for games that claim nothing."""


def read_files(paths: Sequence[str | Path], limit: int | None = None) -> list[Source]:
    """Return what each file holds, of which at most the first ``limit`` rows.

    Files are named by their paths below the folder that holds all of them. Raises AuditError for a
    file that is missing, unreadable, damaged, given twice, or of no known format.
    """
    names = _names(paths)
    return [_read(Path(path), name, limit) for path, name in zip(paths, names, strict=True)]


def _names(paths: Sequence[str | Path]) -> list[str]:
    real = [os.path.realpath(path) for path in paths]
    for place, path in enumerate(real):
        if path in real[:place]:
            raise AuditError(f"{paths[place]}: expected each file once, got it twice; drop one")
    base = os.path.commonpath([os.path.dirname(path) for path in real])
    return [os.path.relpath(path, base) for path in real]


def _read(path: Path, name: str, limit: int | None) -> Source:
    try:
        with path.open("rb") as file:
            head = file.read(len(SQLITE))
            file.seek(0)
            if head == SQLITE:
                return _collected(name, _of_store(path, name), limit)
            if head.startswith(GZIP):
                with gzip.open(file) as lines:
                    return _of_lines(path, name, lines, limit)
            return _of_lines(path, name, file, limit)
    except StoreError as error:
        raise AuditError(str(error)) from error
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise AuditError(
            f"{path}: expected {KNOWN}, got an error ({why}); check the path and the file"
        ) from error


def _collected(name: str, found: Read, limit: int | None) -> Source:
    rows: list[Row] = []
    faults: list[str] = []
    unclaimed = 0
    for each in found:
        if isinstance(each, Row):
            rows.append(each)
        elif each is None:
            unclaimed += 1
        else:
            faults.append(each)
        if len(rows) == limit:
            break
    return Source(name, tuple(rows), tuple(faults), unclaimed)


def _of_store(path: Path, name: str) -> Read:
    """Yield the generator's proofs of a store, in the order of rounds and games."""
    with GameStore(path, readonly=True) as store:
        for number in store.rounds():
            for position, game in enumerate(store.games(number)):
                found = published_game(game)
                place = f"{name}: round {number}, game {position}"
                yield None if found is None else Row(place, found)


def _of_lines(path: Path, name: str, lines: BinaryIO | gzip.GzipFile, limit: int | None) -> Source:
    strange: list[str] = []
    source = _collected(name, _lines(name, lines, strange), limit)
    if not source.rows and not source.unclaimed and len(source.faults) == len(strange):
        got = f"only lines like the first, {strange[0]}" if strange else "no line"
        raise AuditError(f"{path}: expected {KNOWN}, got {got}; give a file of games")
    return source


def _lines(name: str, lines: BinaryIO | gzip.GzipFile, strange: list[str]) -> Read:
    """Yield what the lines hold; what is of no known format goes to ``strange`` too."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        try:
            found = read_line(line)
        except (UnknownLineError, FaultyLineError) as error:
            if isinstance(error, UnknownLineError):
                strange.append(str(error))
            yield f"{place}: {error}"
        else:
            yield None if found is None else Row(place, found)
