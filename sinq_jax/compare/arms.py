"""Finished runs, and the arms they make up: runs whose configs differ in the seed alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sinq_jax.config import Config
from sinq_jax.config.schema import flatten, settings, unnest
from sinq_jax.errors import SinqError
from sinq_jax.metrics import Exam, Items, MetricsError, read_items
from sinq_jax.report import ReportError, RunFiles, load_run

NOT_COMPARED = {"seed", "name"} | {each.name for each in settings(Config) if each.free}
"""Settings that make no arm: the seed, the name, and those that cannot change results."""
SHOWN = 3
"""Differing settings that a label names; the others are counted."""


class CompareError(SinqError):
    """Runs cannot be compared; one line that says where, why and what to do."""


@dataclass(frozen=True)
class Finished:
    """A run that came to its end. ``warm`` and ``last`` are what was measured at the end of the
    warm start and at the end of all.
    """

    files: RunFiles
    seed: int
    settings: Mapping[str, object]
    exam: Exam
    warm: Items
    last: Items

    def sampled(self, items: Items) -> NDArray[np.float64]:
        """float64 ``[pairs]``: each held-out pair's share of right sampled answers."""
        return np.asarray(items.sampled, np.float64) / self.exam.samples


@dataclass(frozen=True)
class Arm:
    """Runs that differ in the seed alone, by seed; ``control`` says that they did not play."""

    label: str
    settings: Mapping[str, object]
    runs: Mapping[int, Finished]
    control: bool

    @property
    def steps(self) -> set[int]:
        """The optimizer steps at the end of each run."""
        return {run.last.step for run in self.runs.values()}


def load_arms(workdirs: Sequence[Path]) -> list[Arm]:
    """The arms of these runs, in the order in which they are named first.

    Raises ``CompareError`` for what is no finished run, for two runs of one arm with one seed, and
    for runs of one seed with different held-out pairs.
    """
    runs = [_finished(workdir) for workdir in workdirs]
    if not runs:
        raise CompareError(
            "--job=compare: expected the workdirs of finished runs, got none; name them after it"
        )
    _expect_one_exam(runs)
    groups: list[list[Finished]] = []
    for run in runs:
        home = next((group for group in groups if group[0].settings == run.settings), None)
        if home is None:
            groups.append([run])
        else:
            home.append(run)
    labels = _labels([group[0] for group in groups])
    return [_arm(label, group) for label, group in zip(labels, groups, strict=True)]


def _finished(workdir: Path) -> Finished:
    try:
        files = load_run(workdir)
        exam, measured = read_items(workdir)
    except (ReportError, MetricsError) as error:
        raise CompareError(str(error)) from error
    warm = [each for each in measured if each.round == 0]
    ends = (files.rows[-1]["round"], files.rows[-1]["step"]) if files.rows else (0, 0)
    if not warm or warm[-1] == measured[-1] or (measured[-1].round, measured[-1].step) != ends:
        raise CompareError(
            f"{workdir}: expected a finished run, got one that stands at round {ends[0]}, step "
            f"{ends[1]}; let it come to its end"
        )
    resolved = flatten(Config()) | unnest(files.config)
    compared = {name: value for name, value in resolved.items() if name not in NOT_COMPARED}
    seed = resolved["seed"]
    assert isinstance(seed, int)
    return Finished(files, seed, compared, exam, warm[-1], measured[-1])


def _expect_one_exam(runs: Sequence[Finished]) -> None:
    """Pairs are made from the seed, so only runs of one seed can have the same."""
    first_of: dict[int, Finished] = {}
    for run in runs:
        first = first_of.setdefault(run.seed, run)
        if run.exam != first.exam:
            raise CompareError(
                f"{run.files.path}: expected the held-out pairs of {first.files.path}, which has "
                "the same seed, got others; compare runs with the same programs and benchmark"
            )
        if run.exam.samples != runs[0].exam.samples:
            raise CompareError(
                f"{run.files.path}: expected {runs[0].exam.samples} answers to each held-out pair, "
                f"as in {runs[0].files.path}, got {run.exam.samples}; compare runs with the same "
                "benchmark"
            )


def _arm(label: str, runs: Sequence[Finished]) -> Arm:
    by_seed: dict[int, Finished] = {}
    for run in runs:
        before = by_seed.setdefault(run.seed, run)
        if before is not run:
            raise CompareError(
                f"{run.files.path}: expected one run for each arm and seed, got a second one with "
                f"seed {run.seed} beside {before.files.path}; leave one of the two out"
            )
    ordered = {seed: by_seed[seed] for seed in sorted(by_seed)}
    return Arm(label, runs[0].settings, ordered, not runs[0].files.played)


def _labels(firsts: Sequence[Finished]) -> list[str]:
    """A name for each arm: that of its config, and what is different from the first of that name
    that plays.
    """
    names = [str(run.files.config.get("name", run.files.path.name)) for run in firsts]
    labels = []
    for name, run in zip(names, firsts, strict=True):
        alike = [other for other, its in zip(firsts, names, strict=True) if its == name]
        base = next((other for other in alike if other.files.played), alike[0])
        labels.append(name if run is base else f"{name}, {_difference(base, run)}")
    return labels


def _difference(first: Finished, other: Finished) -> str:
    told = [
        "control" if (name, value) == ("play", False) else f"{name}={value}"
        for name, value in other.settings.items()
        if first.settings.get(name) != value
    ]
    more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return ", ".join(told[:SHOWN]) + more
