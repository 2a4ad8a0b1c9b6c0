"""Published benchmarks inside a run: every so many rounds, with what they cost."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox import Sandbox
from sinq_jax.benchmarks.asking import respondent
from sinq_jax.benchmarks.choice import Chosen, Shelf, chosen, on_all, own_pairs
from sinq_jax.benchmarks.held_out import named
from sinq_jax.benchmarks.measuring import Checkpoint, measure_all
from sinq_jax.benchmarks.results import earliest, point, records_in, write_all
from sinq_jax.benchmarks.suites.execution import LIMITS
from sinq_jax.benchmarks.suites.figures import Figure, figures
from sinq_jax.experiment import Experiment
from sinq_jax.hosts import Hosts
from sinq_jax.hosts.judging import shared
from sinq_jax.players import Players
from sinq_jax.progress import Progress
from sinq_jax.report.published import FOLDER
from sinq_jax.schedule import Schedule, Tick
from sinq_jax.trained import Trained


class Within:
    """The benchmarks that ``config.suites.names`` asks for, in the run of one workdir."""

    def __init__(
        self, experiment: Experiment, workdir: Path, progress: Progress, hosts: Hosts
    ) -> None:
        """Finds their data before anything is learned. Raises ``ConfigError`` for an unknown name,
        or hosts that have other data, and ``DataFileError`` for data that cannot be had.
        """
        self._experiment, self._workdir, self._progress = experiment, workdir, progress
        self._hosts = hosts
        self._chosen: Chosen = []
        if experiment.config.suites.names:
            self._chosen = on_all(hosts, self._found)

    def _found(self) -> Chosen:
        experiment, suites = self._experiment, self._experiment.config.suites
        own = own_pairs(self._workdir / FOLDER, experiment.exam, experiment.exam_equivalents)
        shelf = Shelf(Path(suites.data), self._progress.say, own)
        return chosen(suites.names, shelf, "--config.suites.names")

    def due(self, schedule: Schedule, tick: Tick) -> bool:
        """Whether they follow the tick: before the first round, every few rounds, at the end."""
        if not self._chosen:
            return False
        if tick.number in (schedule.warm_ticks, schedule.ticks):
            return True
        every = self._experiment.config.suites.every_rounds
        return tick.round > 0 and tick.round % every == 0

    def measure(self, players: Players, tick: Tick) -> dict[str, float]:
        """Measures the players as they are after the tick; returns ``suites/...`` and
        ``time/suites_s``. What is kept of each item is in the workdir, as ``--job=benchmark`` has
        it. Raises ``RecordError`` for records that were made otherwise, and that or ``ReportError``
        for a disk that refuses.
        """
        began = time.monotonic()
        experiment = self._experiment
        trained = Trained(
            experiment.config, experiment.learner, players, experiment.tokenizer, None, None
        )
        checkpoint = Checkpoint(
            self._workdir / FOLDER / point(tick.round),
            respondent(trained, experiment.config.suites.role),
            [program.source for program in experiment.programs.train],
            self._hosts,
        )
        own = experiment.config.sandbox
        with Sandbox(workers=own.workers or None, limits=LIMITS, require=own.require) as mine:
            judge = shared(mine, self._hosts)
            seconds = measure_all(checkpoint, self._chosen, judge, self._progress)
        return self._hosts.of_first(
            "benchmarks", lambda: self._written(checkpoint.folder, tick, seconds, began)
        )

    def _written(
        self, folder: Path, tick: Tick, seconds: dict[str, float], began: float
    ) -> dict[str, float]:
        """The metrics of what was measured, once its files are written too."""
        model = f"{self._workdir}, after round {tick.round}"
        write_all(folder, model, tick.round, earliest(self._workdir, folder), seconds)
        spent = time.monotonic() - began
        self._progress.say(
            f"{len(self._chosen)} benchmarks after round {tick.round}: {spent:.0f} s"
        )
        return {**_metrics(figures(records_in(folder))), "time/suites_s": spent}


def _metrics(found: Sequence[Figure]) -> dict[str, float]:
    """``suites/BENCHMARK_FIGURE`` with its bounds, as other rates are named."""
    metrics: dict[str, float] = {}
    for each in found:
        slug = re.sub(r"[^a-z0-9]+", "_", each.name.lower().replace("@", "_at_")).strip("_")
        metrics |= named(f"suites/{each.benchmark}_{slug}", each.estimate)
    return metrics
