"""Which published benchmarks are asked for, and their data."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sinq_jax.benchmarks.suites.catalogue import BENCHMARKS, AnyBenchmark, benchmark_named
from sinq_jax.benchmarks.suites.data_file import DataFile, DataFileError
from sinq_jax.benchmarks.suites.files import data_file
from sinq_jax.config import ConfigError

ALL = "all"

Chosen = list[tuple[AnyBenchmark, DataFile]]
"""Benchmarks with their data, in the order in which they are asked."""


def chosen(
    names: Sequence[str], folder: Path, say: Callable[[str], None], flag: str = "--benchmark"
) -> Chosen:
    """The benchmarks of these names with their data, from ``folder`` or downloaded into it.

    ``all`` means every one whose data can be had; ``say`` tells which are left out. Raises
    ``ConfigError`` for no name or an unknown one, ``DataFileError`` where the data of one that was
    named cannot be had.
    """
    if not names:
        raise ConfigError(
            f"{flag}: expected names of benchmarks or {ALL}, got none; python -m "
            "sinq_jax.benchmarks.suites list shows them"
        )
    if tuple(names) == (ALL,):
        return [*_that_can_be_had(folder, say)]
    return [(each, data_file(each, folder, say)) for each in named(names, flag)]


def named(names: Sequence[str], flag: str) -> list[AnyBenchmark]:
    """The benchmarks of these names. Raises ``ConfigError`` for an unknown one, or one twice."""
    if len(set(names)) < len(names):
        raise ConfigError(f"{flag}: expected each once, got {','.join(names)}; correct the list")
    try:
        return [benchmark_named(name) for name in names]
    except ValueError as error:
        raise ConfigError(f"{flag}: {error}") from None


def _that_can_be_had(folder: Path, say: Callable[[str], None]) -> Chosen:
    found = []
    for each in BENCHMARKS.values():
        try:
            found.append((each, data_file(each, folder, say)))
        except DataFileError as error:
            say(f"left out: {each.name}: {error}")
    if not found:
        raise ConfigError(
            f"--config.suites.data: expected data of benchmarks, got none in {folder} and none by "
            "download; name their folder"
        )
    return found
