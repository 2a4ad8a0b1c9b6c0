"""Checkpoints: players and the progress of a run as one unit. The only room that knows Orbax.

``DIR/12/`` is the unit of tick 12: the arrays, and a record with the progress and a digest of every
array. It is written under ``DIR/scratch/``, flushed, and renamed into place, so that a numbered
folder is complete unless something damaged it later; the record tells when something did.

All hosts of a run save and restore together, each the parts that its devices hold; the first makes
and moves folders. How many hosts there are may be another number each time.
"""

import os
import re
import shutil
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jax
import orbax.checkpoint as ocp

from sinq_jax.checkpoint_record import (
    Contents,
    Parts,
    Progress,
    UnusableError,
    check_bytes,
    check_shapes,
    contents_of,
    digests_of,
    parts_of,
    record_of,
)
from sinq_jax.disk import flush, make_sure_of_room
from sinq_jax.errors import SinqError
from sinq_jax.hosts import ALONE, Hosts
from sinq_jax.players import Players

_SCRATCH = "scratch"
_NUMBER = re.compile("0|[1-9][0-9]*")
_LONGEST_REASON = 160
_ROOM_BESIDE_ARRAYS = 1 << 20
"""Bytes: the record, the metadata and the blocks of some twenty files."""


class CheckpointError(SinqError):
    """Nothing could be saved, or nothing saved can be used. The message is one line."""


@dataclass(frozen=True)
class Restored:
    """The newest usable checkpoint, and one line for each newer one that was passed over."""

    players: Players
    progress: Progress
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class Checkpoints:
    """The newest ``keep`` checkpoints of a run, under ``directory``; for one run at a time.

    ``origin`` is the fingerprint of the weights on disk that the players began with, empty for
    players from scratch. Frozen weights are not saved, so players that began with others are never
    restored.
    """

    directory: Path
    keep: int
    origin: str = ""
    hosts: Hosts = ALONE

    def save(self, tick: int, players: Players, progress: Progress) -> None:
        """Saves one unit, then removes those beyond ``keep`` and any of a later tick, which a run
        that comes by here again has passed over as unusable.

        Raises ``CheckpointError`` when it cannot be written, a full disk for instance; earlier
        units are then as they were. Raises ``TypeError`` when ``progress`` is not JSON.
        """
        record = record_of(players, self.origin, progress, self.hosts)
        scratch = self.directory / _SCRATCH
        try:
            if self.hosts.first:
                _make_anew(scratch, _size(players))
            self.hosts.wait("room for a checkpoint")
            _write(scratch / str(tick), players, record)
            self.hosts.wait("a checkpoint is written")
            if self.hosts.first:
                self._put_in_place(tick)
        # Orbax passes on whatever its storage library raises.
        except Exception as error:
            raise CheckpointError(
                f"{self._name(tick)}: expected to save it, got {_told(error)}; make room on the "
                "disk or free the folder, and run again: earlier checkpoints are untouched"
            ) from error
        finally:
            if self.hosts.first:
                shutil.rmtree(scratch, ignore_errors=True)

    def restore(self, template: Players, *, part: bool = False) -> Restored | None:
        """The newest checkpoint whose every array is there, has the template's shape and dtype, and
        the bytes that were saved; None where none was ever saved.

        ``template`` (arrays, or shapes with shardings) also says where the players are placed: the
        devices may be others than those that saved. With ``part``, it may be a mapping that leaves
        arrays out, which then stay unread. Raises ``CheckpointError`` when no checkpoint
        can be used, or when the newest that can be read has another origin.
        """
        problems: list[str] = []
        for tick in self.hosts.of_first("checkpoints", self._ticks):
            try:
                players, contents = self._read(tick, template, part)
            except UnusableError as problem:
                problems.append(f"{self._name(tick)}: {problem}")
                continue
            skipped = tuple(f"{line}; using checkpoint {tick}" for line in problems)
            return Restored(players, contents.progress, skipped)
        if problems:
            raise CheckpointError(
                f"{problems[0]}; no earlier one can be used: put a copy back, or remove "
                f"{self.directory} to start over"
            )
        return None

    def newest(self) -> Contents | None:
        """What the newest checkpoint says it holds, its arrays unread; None where there is none.

        Raises ``CheckpointError`` when it cannot be read.
        """
        for tick in self._ticks()[:1]:
            try:
                return _contents(self.directory / str(tick))
            except UnusableError as problem:
                raise CheckpointError(
                    f"{self._name(tick)}: {problem}; the same run again uses an earlier one"
                ) from problem
        return None

    def _read(self, tick: int, template: Players, part: bool) -> tuple[Players, Contents]:
        """Raises ``UnusableError`` on all hosts when one of them finds something wrong."""
        problem, parts = "", Parts()
        try:
            contents = _contents(self.directory / str(tick))
            self._expect_origin(tick, contents)
            players = _read(self.directory / str(tick), contents, template, part)
            parts = parts_of(players)
        except UnusableError as error:
            problem = str(error)
        found = self.hosts.exchange_json("a checkpoint is read", [problem, parts])
        for wrong in filter(None, (told for told, _ in found)):
            raise UnusableError(wrong)
        check_bytes(contents, players, digests_of([each for _, each in found]))
        return players, contents

    def _expect_origin(self, tick: int, contents: Contents) -> None:
        if contents.origin != self.origin:
            raise CheckpointError(
                f"{self._name(tick)}: expected players that began with {_called(self.origin)}, got "
                f"some that began with {_called(contents.origin)}; put what they began with back "
                "into --config.model.path, or choose another --workdir"
            )

    def _name(self, tick: int) -> str:
        return f"{self.directory.name}/{tick}"

    def _ticks(self) -> list[int]:
        """The ticks that have a folder with something in it, newest first."""
        if not self.directory.is_dir():
            return []
        ticks = [
            int(path.name)
            for path in self.directory.iterdir()
            if _NUMBER.fullmatch(path.name) and path.is_dir() and any(path.iterdir())
        ]
        return sorted(ticks, reverse=True)

    def _put_in_place(self, tick: int) -> None:
        self._move_aside(tick)
        (self.directory / _SCRATCH / str(tick)).rename(self.directory / str(tick))
        flush([self.directory])
        self._thin_out(tick)

    def _move_aside(self, tick: int) -> None:
        """Renamed first, so that a removal cut short leaves no half of a checkpoint behind."""
        path = self.directory / str(tick)
        if path.exists():
            path.rename(self.directory / _SCRATCH / f"old-{tick}")

    def _thin_out(self, tick: int) -> None:
        ticks = self._ticks()
        kept = [each for each in ticks if each <= tick][: self.keep]
        for each in ticks:
            if each not in kept:
                self._move_aside(each)


def _called(origin: str) -> str:
    return f"the weights {origin}" if origin else "weights from scratch"


def _size(players: Players) -> int:
    return sum(int(leaf.nbytes) for leaf in jax.tree.leaves(players)) + _ROOM_BESIDE_ARRAYS


def _make_anew(scratch: Path, size: int) -> None:
    """Orbax's writers fail together, and each tells so in a traceback that nobody can catch; so
    there has to be room first.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    make_sure_of_room(scratch / "room", size)


def _write(path: Path, players: Players, record: Mapping[str, Any]) -> None:
    with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as orbax:
        orbax.save(
            path.resolve(),
            args=ocp.args.Composite(
                players=ocp.args.PyTreeSave(players), record=ocp.args.JsonSave(record)
            ),
        )
    flush([*path.rglob("*"), path])


def _read(path: Path, contents: Contents, template: Players, part: bool) -> Players:
    """Raises ``UnusableError`` whatever is wrong with the files."""
    shapes = jax.tree.map(ocp.utils.to_shape_dtype_struct, template)
    # Orbax fills, cuts and casts arrays that do not fit, so what was saved is compared before.
    check_shapes(contents, shapes, part)
    arrays = ocp.args.PyTreeRestore(
        item=shapes,
        restore_args=ocp.checkpoint_utils.construct_restore_args(shapes),
        partial_restore=part,
    )
    players: Players = _item(path, "players", arrays)
    return players


def _contents(path: Path) -> Contents:
    """What the record says; raises as ``_read`` does."""
    return contents_of(_item(path, "record", ocp.args.JsonRestore()))


def _item(path: Path, name: str, how: Any) -> Any:
    """Without a ``Checkpointer``, which makes hosts wait for one that found damage and went on."""
    handler = ocp.CompositeCheckpointHandler()
    try:
        with closing(handler):
            return handler.restore(path.resolve(), ocp.args.Composite(**{name: how}))[name]
    # A damaged file makes Orbax and its storage library fail in ways that they do not list.
    except Exception as error:
        _silence_unfinished_reads()
        raise UnusableError(f"expected a complete checkpoint, got {_told(error)}") from error


@cache
def _silence_unfinished_reads() -> None:
    """After the first array that cannot be read, Orbax leaves the others half read, and each of
    them prints a page when it is collected, some time later.
    """
    before = sys.unraisablehook

    def tell(found: Any) -> None:
        code = getattr(found.object, "cr_code", None)
        if code is None or "orbax" not in Path(code.co_filename).parts:
            before(found)

    sys.unraisablehook = tell


def _told(error: Exception) -> str:
    """What went wrong, in one short line: the system's own words where there are any."""
    code = re.search(r"os_error_code='(\d+)'", str(error))
    if code:
        return os.strerror(int(code[1]))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:_LONGEST_REASON]
