"""Records while they are made: what a batch gave is on disk before the next one is asked."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sinq_jax.benchmarks.suites.data_file import DataFile
from sinq_jax.benchmarks.suites.records import Record, RecordError, read_records, write_records
from sinq_jax.hosts import Hosts
from sinq_jax.whole_file import write_whole

SETUP = "setup.json"
"""How the records beside it were made."""


class Kept:
    """The records of one benchmark at ``path``: whole and in the order of the data, or, until all
    are there, batch by batch in ``path`` with ``.begun`` after it.
    """

    def __init__(self, path: Path) -> None:
        """Reads what is there. Raises ``RecordError`` for a file that is no file of records; a last
        line that was not finished is dropped.
        """
        self.path = path
        self.whole = path.exists()
        self._begun = path.with_name(f"{path.name}.begun")
        self._records = {record.item: record for record in self._read()}

    def _read(self) -> list[Record]:
        if self.whole:
            return read_records(self.path)
        if not self._begun.exists():
            return []
        try:
            kept = self._begun.read_bytes()
            end = kept.rfind(b"\n") + 1
            if end < len(kept):
                with self._begun.open("r+b") as file:
                    file.truncate(end)
        except OSError as error:
            raise _refused(self._begun, error) from error
        return read_records(self._begun)

    def hold_to(self, file: DataFile) -> None:
        """Raises ``RecordError`` where records were made from other data than ``file``."""
        if any(record.data != file.checksum for record in self._records.values()):
            raise RecordError(
                f"{self.path}: expected records of {file.path}, got some of another file; put that "
                "one back, or remove the records"
            )

    @property
    def items(self) -> list[str]:
        """The items that were measured."""
        return [*self._records]

    def has(self, item: str) -> bool:
        """Whether this item was measured."""
        return item in self._records

    def add(self, records: Sequence[Record]) -> None:
        """Keep the records of a batch, on disk when this returns. Raises ``RecordError``."""
        lines = "".join(json.dumps(each.to_json()) + "\n" for each in records)
        try:
            with self._begun.open("a", encoding="utf-8") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _refused(self._begun, error) from error
        self._records |= {record.item: record for record in records}

    def finish(self, items: Sequence[str]) -> None:
        """Puts all records in one file, in the order of ``items``. Raises ``RecordError``."""
        if not self.whole:
            write_records(self.path, [self._records[item] for item in items])
            self._begun.unlink(missing_ok=True)
            self.whole = True


class Elsewhere:
    """The records of one benchmark that another host keeps: which there are, and no more."""

    def __init__(self, whole: bool, items: Sequence[str]) -> None:
        """``items`` are those that were measured; ``whole`` says whether these are all."""
        self.whole = whole
        self._items = {*items}

    def has(self, item: str) -> bool:
        """Whether this item was measured."""
        return item in self._items

    def add(self, records: Sequence[Record]) -> None:
        """Note that the other host keeps these now."""
        self._items |= {record.item for record in records}

    def finish(self, items: Sequence[str]) -> None:
        """Note that the other host has all in one file now."""
        self.whole = True


def kept_by_first(path: Path, file: DataFile, hosts: Hosts) -> Kept | Elsewhere:
    """The records of one benchmark from the data ``file``, at ``path`` of the first host.

    Raises ``RecordError`` there as `Kept` and `Kept.hold_to` do.
    """
    kept = Kept(path) if hosts.first else None
    if kept is not None:
        kept.hold_to(file)
    whole, items = hosts.of_first(
        "records", lambda: (kept.whole, kept.items) if kept else (False, [])
    )
    return kept or Elsewhere(whole, items)


def _refused(path: Path, error: OSError) -> RecordError:
    return RecordError(
        f"{path}: expected a file to write, got {error.strerror}; make room or choose another "
        "--workdir"
    )


def hold_to_setup(folder: Path, setup: Mapping[str, object]) -> None:
    """Hold a folder of records to how it was made: what is asked otherwise is not to be mixed.

    Raises ``RecordError`` naming what differs, or when the disk refuses.
    """
    path = folder / SETUP
    try:
        if not path.exists():
            write_whole(path, (json.dumps(setup, indent=1) + "\n").encode())
        before = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(path, error) from error
    except ValueError as error:
        raise RecordError(f"{path}: expected JSON, got {error}; remove the folder") from error
    differing = [
        f"{name} {before.get(name)!r} -> {value!r}"
        for name, value in setup.items()
        if before.get(name) != value
    ]
    if differing:
        raise RecordError(
            f"{path}: expected benchmarks to be asked as they were before, got "
            f"{', '.join(differing)}; give the old values, or remove {folder} to ask anew"
        )
