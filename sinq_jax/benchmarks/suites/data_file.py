"""Local data files of benchmarks: JSON lines, one JSON list, or CSV, plain or gzipped."""

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sinq_jax.errors import SinqError

T = TypeVar("T")

Row = Mapping[str, Any]
"""One record of a file: an object of JSON, or a line of CSV by its column names."""

MAX_FIELD = 10_000_000


class DataFileError(SinqError, ValueError):
    """A file that cannot be read as asked; the message is one line."""


@dataclass(frozen=True)
class DataFile:
    """The rows of a file with where each stood (``path:line``, or ``path:record`` in a list).

    ``checksum`` is the SHA-256 of the uncompressed bytes, in hexadecimal: the same for a file and
    its gzipped copy.
    """

    path: str
    checksum: str
    rows: tuple[tuple[str, Row], ...]

    def read(self, make: Callable[[Row], T], expected: str) -> list[T]:
        """What ``make`` makes of each row. Raises ``DataFileError`` where it raises ValueError,
        KeyError or TypeError; ``expected`` says what a row should have been.
        """
        made = []
        for where, row in self.rows:
            try:
                made.append(make(row))
            except (KeyError, TypeError, ValueError) as error:
                got = f"no key {error}" if isinstance(error, KeyError) else str(error)
                raise DataFileError(
                    f"{where}: expected {expected}, got {got}; name the file of this benchmark"
                ) from error
        return made


def read_data_file(path: str | Path) -> DataFile:
    """The rows of the file ``path``; ``.csv`` in its name means CSV, anything else JSON.

    Raises ``DataFileError`` for a file that cannot be read, is damaged, or holds no row.
    """
    path = Path(path)
    whole = _bytes(path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    try:
        text = whole.decode("utf-8")
        rows = tuple(_csv(path, text) if ".csv" in suffixes else _json(path, text))
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"{path}: expected UTF-8, got byte {whole[error.start]:#04x} at {error.start}; "
            "restore the file"
        ) from error
    if not rows:
        raise DataFileError(f"{path}: expected at least one record, got none; restore the file")
    return DataFile(str(path), hashlib.sha256(whole).hexdigest(), rows)


def uncompressed(whole: bytes) -> bytes:
    """The bytes, or what they are the gzipped form of. Raises ``ValueError`` for damaged ones."""
    try:
        return gzip.decompress(whole) if whole.startswith(b"\x1f\x8b") else whole
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from error


def _bytes(path: Path) -> bytes:
    try:
        return uncompressed(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataFileError(
            f"{path}: expected a readable data file, got: {reason}; check the path"
        ) from error


def _json(path: Path, text: str) -> Iterator[tuple[str, Row]]:
    if text.lstrip().startswith("["):
        values = _value(str(path), text)
        numbered = [(f"{path}:{number}", value) for number, value in enumerate(values, 1)]
    else:
        lines = enumerate(text.split("\n"), 1)
        numbered = [
            (f"{path}:{number}", _value(f"{path}:{number}", line))
            for number, line in lines
            if line.strip()
        ]
    for where, value in numbered:
        if not isinstance(value, dict):
            raise DataFileError(f"{where}: expected an object, got {str(value)[:40]!r}; correct it")
        yield where, value


def _value(where: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataFileError(f"{where}: expected JSON, got: {error}; restore the file") from error


def _csv(path: Path, text: str) -> Iterator[tuple[str, Row]]:
    before = csv.field_size_limit(MAX_FIELD)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        for row in reader:
            if None in row or None in row.values():
                raise DataFileError(
                    f"{path}:{reader.line_num}: expected {len(reader.fieldnames or ())} fields, "
                    "got another number; restore the file"
                )
            yield f"{path}:{reader.line_num}", row
    except csv.Error as error:
        raise DataFileError(f"{path}: expected CSV, got: {error}; restore the file") from error
    finally:
        csv.field_size_limit(before)
