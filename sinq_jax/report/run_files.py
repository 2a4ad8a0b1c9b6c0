"""Read what a run left in its workdir: config, metrics, and one entry per game."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sinq_jax.errors import SinqError
from sinq_jax.game.store import Entry, GameStore, StoreError
from sinq_jax.metrics import MetricsError, Row, read_metrics
from sinq_jax.statistics import Estimate


class ReportError(SinqError):
    """A workdir cannot be reported on; one line that says where, why and what to do."""


@dataclass(frozen=True)
class Measured:
    """One metric at one moment. ``estimate`` has NaN bounds and n = 0 where none were written."""

    round: int
    step: int
    estimate: Estimate


@dataclass(frozen=True)
class RunFiles:
    """A run as its files tell it.

    ``record`` is ``config.json``; ``rows`` are the metrics; ``entries`` are the games without their
    texts, none for a run that never played; ``answer_rulings`` counts (verdict, reason) of answers.
    """

    path: Path
    record: Mapping[str, Any]
    rows: Sequence[Row]
    entries: Sequence[Entry] = ()
    answer_rulings: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def config(self) -> Mapping[str, Any]:
        """The resolved config, nested by sections."""
        config: Mapping[str, Any] = self.record.get("config", {})
        return config

    @property
    def played(self) -> bool:
        """Whether this is a run with play, and not its control arm."""
        return bool(self.config.get("play", True))

    def series(self, name: str) -> list[Measured]:
        """Return all finite values of a metric, in order."""
        found = [(row, estimate_in(row, name)) for row in self.rows]
        return [Measured(row["round"], row["step"], value) for row, value in found if value]


def load_run(workdir: str | Path) -> RunFiles:
    """Read a workdir; ReportError when it is none, or when a file of it is damaged."""
    path = Path(workdir)
    try:
        record = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(
            f"{path}: expected the workdir of a run with a readable config.json, got {error}; "
            "give the --workdir of a run"
        ) from error
    try:
        rows = read_metrics(path) if (path / "metrics.jsonl").exists() else []
        return RunFiles(path, record, rows, *_games(path / "games.sqlite"))
    except (MetricsError, StoreError) as error:
        raise ReportError(str(error)) from error


def estimate_in(row: Row, name: str) -> Estimate | None:
    """Return a metric of a row with the interval written beside it, None where it has no number."""
    value = row.get(name)
    if value is None:
        return None
    low, high, n = (row.get(f"{name}_{part}") for part in ("low", "high", "n"))
    if low is None or high is None:
        return Estimate(value, float("nan"), float("nan"), n or 0)
    return Estimate(value, low, high, n or 0)


def _games(path: Path) -> tuple[list[Entry], dict[tuple[str, str], int]]:
    if not path.exists():
        return [], {}
    with GameStore(path, readonly=True) as store:
        return list(store.entries()), store.answer_rulings()
