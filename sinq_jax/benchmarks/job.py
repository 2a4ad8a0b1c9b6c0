"""The job ``benchmark``: a checkpoint through published benchmarks, resumable after any batch."""

from collections.abc import Sequence
from pathlib import Path

from sandbox import Sandbox
from sinq_jax.benchmarks.asking import respondent
from sinq_jax.benchmarks.choice import ALL, Shelf, chosen, named, on_all, own_pairs
from sinq_jax.benchmarks.measuring import Checkpoint, measure_all
from sinq_jax.benchmarks.results import earliest, point, write_all
from sinq_jax.config import Config
from sinq_jax.config.workdir import Workdir
from sinq_jax.hosts.agreement import expect_same_command
from sinq_jax.hosts.devices import connect
from sinq_jax.hosts.joining import Joined
from sinq_jax.hosts.judging import shared
from sinq_jax.preparation import prepare
from sinq_jax.progress import loading_line
from sinq_jax.report import write_report
from sinq_jax.report.published import FOLDER
from sinq_jax.speaking import first_speaks
from sinq_jax.trained import Trained, open_to_ask


def benchmark(
    config: Config, workdir: Path, names: Sequence[str], sandbox: Sandbox, joined: Joined
) -> None:
    """Measures the newest checkpoint of the run in ``workdir``, or where there is none the model
    that the config names, and compares it with ``suites.against`` or the first that was measured.

    Each benchmark's records are kept in ``workdir`` batch by batch; the same command goes on.
    """
    if tuple(names) != (ALL,):
        named(names, "--benchmark")  # before anything is loaded
    hosts = joined.hosts
    with first_speaks(hosts) as progress, Workdir(workdir / FOLDER, hold=hosts.first):
        connect(joined)
        if hosts.count > 1:
            expect_same_command(hosts, config)
        watch = loading_line() if hosts.first else None
        trained, where = open_to_ask(config, workdir, watch, hosts)
        progress.say(f"model: {where}")
        own, learned_from = hosts.after_first("pairs", lambda: _of_run(trained, workdir, sandbox))
        shelf = Shelf(Path(config.suites.data), progress.say, own)
        picked = on_all(hosts, lambda: chosen(names, shelf))
        number = trained.progress.round if trained.progress else None
        checkpoint = Checkpoint(
            folder=workdir / FOLDER / point(number),
            who=respondent(trained, config.suites.role),
            training=learned_from,
            hosts=hosts,
        )
        seconds = measure_all(checkpoint, picked, shared(sandbox, hosts), progress)
        if hosts.first:
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
