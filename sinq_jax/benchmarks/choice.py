"""Which published benchmarks are asked for, and their data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sinq_jax.benchmarks.suites.catalogue import BENCHMARKS, AnyBenchmark, benchmark_named
from sinq_jax.benchmarks.suites.data_file import DataFile, DataFileError, read_data_file
from sinq_jax.benchmarks.suites.files import data_file
from sinq_jax.benchmarks.suites.sinq import FILE_NAME, write_pairs
from sinq_jax.config import ConfigError
from sinq_jax.hosts import Hosts
from sinq_jax.hosts.agreement import expect_same_data
from sinq_jax.programs.equivalents import EquivalentPair
from sinq_jax.programs.pairs import LabelledPair

ALL = "all"

Chosen = list[tuple[AnyBenchmark, DataFile]]
"""Benchmarks with their data, in the order in which they are asked."""


@dataclass(frozen=True)
class Shelf:
    """Where data files come from: ``own`` has those of benchmarks that are made here, by name;
    others lie in ``folder``, or are downloaded into it. ``say`` gets a line about anything unusual.
    """

    folder: Path
    say: Callable[[str], None]
    own: Mapping[str, Path] = field(default_factory=dict)

    def file(self, benchmark: AnyBenchmark) -> DataFile:
        """The data of a benchmark. Raises ``DataFileError`` where it cannot be had."""
        if benchmark.name in self.own:
            return read_data_file(self.own[benchmark.name])
        return data_file(benchmark, self.folder, self.say)


def chosen(names: Sequence[str], shelf: Shelf, flag: str = "--benchmark") -> Chosen:
    """The benchmarks of these names with their data.

    ``all`` means every one whose data can be had; the shelf is told which are left out. Raises
    ``ConfigError`` for no name or an unknown one, ``DataFileError`` where the data of one that was
    named cannot be had.
    """
    if tuple(names) == (ALL,):
        return [*_that_can_be_had(shelf)]
    return [(each, shelf.file(each)) for each in named(names, flag)]


def on_all(hosts: Hosts, find: Callable[[], Chosen]) -> Chosen:
    """What ``find`` finds on this host; what the first one makes or downloads, others may find.

    Raises ``ConfigError`` where another host finds other benchmarks, or other data.
    """
    found = hosts.after_first("benchmarks", find)
    expect_same_data(hosts, {benchmark.name: file.checksum for benchmark, file in found})
    return found


def named(names: Sequence[str], flag: str) -> list[AnyBenchmark]:
    """The benchmarks of these names. Raises ``ConfigError`` for none or an unknown one, or
    one that comes twice.
    """
    if not names:
        raise ConfigError(
            f"{flag}: expected names of benchmarks or {ALL}, got none; python -m "
            "sinq_jax.benchmarks.suites list shows them"
        )
    if len(set(names)) < len(names):
        raise ConfigError(f"{flag}: expected each once, got {','.join(names)}; correct the list")
    try:
        return [benchmark_named(name) for name in names]
    except ValueError as error:
        raise ConfigError(f"{flag}: {error}") from None


def _that_can_be_had(shelf: Shelf) -> Chosen:
    found = []
    for each in BENCHMARKS.values():
        try:
            found.append((each, shelf.file(each)))
        except DataFileError as error:
            shelf.say(f"left out: {each.name}: {error}")
    if not found:
        raise ConfigError(
            f"--config.suites.data: expected data of benchmarks, got none in {shelf.folder} and "
            "none by download; name their folder"
        )
    return found


def own_pairs(
    folder: Path, different: Sequence[LabelledPair], equivalent: Sequence[EquivalentPair]
) -> dict[str, Path]:
    """What `Shelf.own` is of a run with these held-out pairs, whose file is in ``folder``.

    Raises ``DataFileError`` when the disk refuses.
    """
    path = folder / FILE_NAME
    if not path.exists():
        write_pairs(path, different, equivalent)
    return dict.fromkeys(("sinq", "sinq_edit"), path)
