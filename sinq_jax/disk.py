"""What a disk is asked for so that files are whole: room before they are written, a flush after."""

import os
from collections.abc import Iterable
from pathlib import Path


def make_sure_of_room(path: Path, size: int) -> None:
    """Raises ``OSError`` on a full disk or beyond a quota, before ``size`` bytes are written beside
    ``path``, at which nothing stays.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        os.posix_fallocate(descriptor, 0, size)
    finally:
        os.close(descriptor)
        path.unlink()


def flush(paths: Iterable[Path]) -> None:
    """Waits until files and folders are on the disk: a rename may get there before the bytes."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
