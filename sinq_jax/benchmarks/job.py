"""The job ``benchmark``: a checkpoint through published benchmarks, resumable after any batch."""

from collections.abc import Sequence
from pathlib import Path

from sandbox import Sandbox
from sinq_jax.benchmarks.asking import respondent
from sinq_jax.benchmarks.choice import ALL, Shelf, chosen, named, own_pairs
from sinq_jax.benchmarks.measuring import Checkpoint, measure_all
from sinq_jax.benchmarks.results import earliest, point, write_all
from sinq_jax.config import Config
from sinq_jax.config.workdir import Workdir
from sinq_jax.preparation import prepare
from sinq_jax.progress import Progress, loading_line
from sinq_jax.report import write_report
from sinq_jax.report.published import FOLDER
from sinq_jax.trained import Trained, open_to_ask


def benchmark(config: Config, workdir: Path, names: Sequence[str], sandbox: Sandbox) -> None:
    """Measures the newest checkpoint of the run in ``workdir``, or where there is none the model
    that the config names, and compares it with ``suites.against`` or the first that was measured.

    Each benchmark's records are kept in ``workdir`` batch by batch; the same command goes on.
    """
    if tuple(names) != (ALL,):
        named(names, "--benchmark")  # before anything is loaded
    with Progress() as progress, Workdir(workdir / FOLDER):
        trained, where = open_to_ask(config, workdir, loading_line())
        progress.say(f"model: {where}")
        own, learned_from = _of_run(trained, workdir, sandbox)
        picked = chosen(names, Shelf(Path(config.suites.data), progress.say, own))
        number = trained.progress.round if trained.progress else None
        checkpoint = Checkpoint(
            folder=workdir / FOLDER / point(number),
            who=respondent(trained, config.suites.role),
            training=learned_from,
        )
        seconds = measure_all(checkpoint, picked, sandbox, progress)
        against = _against(config, workdir, checkpoint.folder)
        print(write_all(checkpoint.folder, where, number, against, seconds))
    if number is not None:
        print(write_report(workdir))


def _of_run(
    trained: Trained, workdir: Path, sandbox: Sandbox
) -> tuple[dict[str, Path], list[str] | None]:
    """The held-out pairs of a run as a data file, and the programs that it played with. Of a model
    that no run made there are none of the former, and the latter are not known.
    """
    if trained.progress is None:
        return {}, None
    prepared = prepare(trained.config, workdir, sandbox)
    pairs = own_pairs(workdir / FOLDER, prepared.exam, prepared.exam_equivalents.pairs)
    return pairs, [program.source for program in prepared.programs.train]


def _against(config: Config, workdir: Path, folder: Path) -> Path | None:
    if config.suites.against:
        return Path(config.suites.against)
    return earliest(workdir, folder)
