"""A directory that is there whole or not at all."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sinq_jax.models.weights.errors import WeightsError


@contextmanager
def draft(directory: Path) -> Iterator[Path]:
    """A new directory to write into, which becomes ``directory`` at the end, flushed to the disk.

    After an error nothing is left of it. Raises WeightsError when ``directory`` has something in it
    already, or the disk refuses. One writer at a time: what a killed one left is removed.
    """
    path = directory.with_name(f".{directory.name}.draft")
    check_vacant(directory)
    try:
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        yield path
        _flush([*path.iterdir(), path])
        path.rename(directory)
        _flush([directory.parent])
    except OSError as error:
        raise WeightsError(
            f"{directory}: expected to write there, got {error.strerror}; make room on the disk or "
            "mend its permissions"
        ) from error
    finally:
        shutil.rmtree(path, ignore_errors=True)


def check_vacant(directory: Path) -> None:
    """Raises WeightsError unless ``directory`` is missing or an empty directory."""
    if directory.is_dir() and not any(directory.iterdir()):
        return
    if directory.exists() or directory.is_symlink():
        raise WeightsError(
            f"{directory}: expected a new or an empty directory, got one with files or a file; "
            "give another, or remove it first"
        )


def _flush(paths: Iterable[Path]) -> None:
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
