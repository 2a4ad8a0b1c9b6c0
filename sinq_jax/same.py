"""``python -m sinq_jax.same DIR1 DIR2``: whether two runs ended alike, and what differs.

A run that was stopped and resumed must equal one that never was. Compared are the settings that can
change results, the prepared data, the newest checkpoint bit by bit, the metrics without times, and
the games without times; of the held-out pairs, how often each was solved.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sinq_jax.checkpoint import CheckpointError, Checkpoints
from sinq_jax.config import Config
from sinq_jax.config.schema import settings, unnest
from sinq_jax.errors import SinqError
from sinq_jax.game.jsonl import game_to_plain
from sinq_jax.game.store import GameStore, timeless
from sinq_jax.league.snapshots import contents, numbers
from sinq_jax.metrics import deterministic_view, items, read_items
from sinq_jax.report import load_run

SHOWN = 3
"""Differences of one kind that are named; the others are counted."""


def main() -> int:
    """Return 0 when the runs are alike, 1 when they differ, 2 when one of them cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m sinq_jax.same",
        description="Compare two runs; exit status 0: alike, 1: they differ, 2: not readable.",
    )
    parser.add_argument("workdirs", nargs=2, metavar="DIR", type=Path, help="a run's --workdir")
    first, second = parser.parse_args().workdirs
    try:
        found = list(differences(first, second))
    except SinqError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(found) or f"alike: {first} and {second}")
    return 1 if found else 0


def differences(first: Path, second: Path) -> Iterator[str]:
    """Yield one line for each thing in which two workdirs differ apart from times.

    Raises ReportError, CheckpointError, MetricsError or StoreError for a workdir that has not what
    a run leaves there.
    """
    yield from _told("config.json", _config(first), _config(second))
    yield from _told("data", _files(first / "data"), _files(second / "data"))
    yield from _told("checkpoint", _checkpoint(first), _checkpoint(second))
    yield from _told("league", _league(first), _league(second))
    yield from _told("metrics.jsonl", _metrics(first), _metrics(second))
    yield from _told("held_out.jsonl", _items(first), _items(second))
    yield from _told("games.sqlite", _games(first), _games(second))


def _told(where: str, first: Mapping[str, object], second: Mapping[str, object]) -> Iterator[str]:
    """Yield a line for the first few keys whose values differ, and one for the number of others."""
    names = [name for name in {**first, **second} if first.get(name) != second.get(name)]
    for name in names[:SHOWN]:
        yield f"{where}: {name}: {_short(first.get(name))} -> {_short(second.get(name))}"
    if len(names) > SHOWN:
        yield f"{where}: {len(names) - SHOWN} more of {len({**first, **second})} differ"


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _config(workdir: Path) -> dict[str, object]:
    free = {each.name for each in settings(Config) if each.free}
    resolved = unnest(load_run(workdir).config)
    return {name: value for name, value in resolved.items() if name not in free}


def _files(folder: Path) -> dict[str, object]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()}


def _checkpoint(workdir: Path) -> dict[str, object]:
    contents = Checkpoints(workdir / "checkpoints", keep=1).newest()
    if contents is None:
        raise CheckpointError(f"{workdir}: expected a checkpoint, found none; play a run first")
    progress = contents.progress
    position = {"tick": progress.tick, "round": progress.round, "step": progress.step}
    beside = {"progress": progress.extra, "origin": contents.origin}
    return {**position, **beside, **contents.arrays}


def _league(workdir: Path) -> dict[str, object]:
    """Every array of every past player that is kept."""
    kept = {number: contents(workdir, number) for number in numbers(workdir)}
    return {
        f"round {number} {name}": told
        for number, each in kept.items()
        if each
        for name, told in each.arrays.items()
    }


def _metrics(workdir: Path) -> dict[str, object]:
    """Every number by its line and name."""
    return {
        f"line {number} {name}": value
        for number, row in enumerate(deterministic_view(workdir), start=1)
        for name, value in row.items()
    }


def _items(workdir: Path) -> dict[str, object]:
    """Every measurement of the held-out pairs, and the pairs; older runs kept none."""
    if not (workdir / items.FILE_NAME).exists():
        return {}
    exam, measured = read_items(workdir)
    found = {f"round {each.round} step {each.step}": each for each in measured}
    return {"exam": exam, **found}


def _games(workdir: Path) -> dict[str, object]:
    """Every part of every game, and the digest that covers whatever the parts leave out."""
    with GameStore(workdir / "games.sqlite", readonly=True) as store:
        parts = {
            f"round {number} game {position} {name}": value
            for number in store.rounds()
            for position, game in enumerate(store.games(number))
            for name, value in game_to_plain(timeless(game)).items()
        }
        return {**parts, "digest": store.content_digest()}


if __name__ == "__main__":
    sys.exit(main())
