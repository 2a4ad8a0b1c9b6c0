"""Files of lines, plain or gzipped."""

import gzip
from pathlib import Path


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file; one whose name ends in .gz is unpacked. Raises ``OSError`` where it
    cannot be read, ``EOFError`` where its end is missing.
    """
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).split(b"\n")
