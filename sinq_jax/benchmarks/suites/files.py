"""The data file of a benchmark: found in a folder, or downloaded into it."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from sinq_jax.benchmarks.suites.catalogue import AnyBenchmark
from sinq_jax.benchmarks.suites.data_file import (
    DataFile,
    DataFileError,
    read_data_file,
    uncompressed,
)
from sinq_jax.benchmarks.suites.download import DownloadError, download
from sinq_jax.benchmarks.suites.published_files import FILES, PublishedFile
from sinq_jax.whole_file import write_whole


def data_file(benchmark: AnyBenchmark, folder: Path, say: Callable[[str], None]) -> DataFile:
    """The data of ``benchmark``: its file in ``folder`` or anywhere below, plain or gzipped; where
    there is none it is downloaded into ``folder``.

    Of several files the one with the published bytes is taken. One with other bytes is used where
    no better one is, and ``say`` gets a line that tells so, as it does of a download. Raises
    ``DataFileError``, one line, for a file that is damaged, and where a download fails or brings
    other bytes than the published ones: then nothing is left behind.
    """
    published = published_for(benchmark.name)
    path = _found(published, folder)
    if path is None:
        path = _downloaded(published, folder, say)
    file = read_data_file(path)
    if published.sha256 not in ("", file.checksum):
        say(
            f"{path}: not the published data of {benchmark.name}: SHA-256 {file.checksum}, "
            f"published {published.sha256}"
        )
    return file


def published_for(name: str) -> PublishedFile:
    """What is published for the benchmark of this name. Raises ``DataFileError`` for others."""
    for each in FILES:
        if name in each.benchmarks:
            return each
    raise DataFileError(
        f"{name}: expected a benchmark with published data, got another one; score it from a file"
    )


def _found(published: PublishedFile, folder: Path) -> Path | None:
    """The best file in the folder: of those with the published bytes, else of all, the one whose
    name comes first, then the one that lies highest.
    """
    names = [*published.names, *published.shared_names]
    order = {f"{name}{end}": at for at, name in enumerate(names) for end in ("", ".gz")}
    places = [
        (order[name], len(Path(where).parts), Path(where, name))
        for where, _, files in os.walk(folder)
        for name in files
        if name in order
    ]
    paths = [path for *_, path in sorted(places)]
    right = [path for path in paths if published.sha256 and _checksum(path) == published.sha256]
    own = [path for path in paths if path.name.removesuffix(".gz") in published.names]
    return next(iter([*right, *own]), None)


def _checksum(path: Path) -> str | None:
    """The SHA-256 of the uncompressed bytes; None for a file that cannot be read."""
    try:
        return hashlib.sha256(uncompressed(path.read_bytes())).hexdigest()
    except (OSError, ValueError):
        return None


def _downloaded(published: PublishedFile, folder: Path, say: Callable[[str], None]) -> Path:
    if not published.urls:
        raise DataFileError(
            f"{folder}: expected {', '.join(published.names)}, also gzipped, got none of them; "
            f"{published.instead}"
        )
    packed = published.assemble is None and published.urls[0].endswith(".gz")
    path = folder / f"{published.names[0]}{'.gz' if packed else ''}"
    url, parts = published.urls[0], []
    try:
        for url in published.urls:
            parts.append(download(url, say))
        whole = published.assemble(parts) if published.assemble else parts[0]
        plain = uncompressed(whole)
    except (DownloadError, ValueError) as error:
        raise DataFileError(_refused(url, path, str(error))) from error
    digest = hashlib.sha256(plain).hexdigest()
    if digest != published.sha256:
        got = f"other bytes: {len(plain):,}, SHA-256 {digest}; published: {published.size:,}, "
        raise DataFileError(_refused(url, path, got + published.sha256))
    _write(path, whole)
    say(f"{path}: the published data, {published.size:,} bytes; licence: {published.licence}")
    return path


def _refused(url: str, path: Path, got: str) -> str:
    return (
        f"{url}: expected the data for {path}, got {got}; get the file by other means and put it "
        "there, plain or gzipped"
    )


def _write(path: Path, whole: bytes) -> None:
    try:
        write_whole(path, whole)
    except OSError as error:
        raise DataFileError(
            f"{path}: expected a file to write, got {error.strerror}; choose another folder"
        ) from error
