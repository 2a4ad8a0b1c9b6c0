"""The self-play job, from a checked config to the closing table."""

from pathlib import Path

import jax

from sandbox import Sandbox
from sinq_jax import alarms
from sinq_jax.config import Config
from sinq_jax.config.workdir import Workdir
from sinq_jax.experiment import assemble
from sinq_jax.hosts import Hosts
from sinq_jax.hosts.agreement import expect_same_command, expect_same_workdir
from sinq_jax.hosts.devices import connect
from sinq_jax.hosts.joining import Joined
from sinq_jax.hosts.judging import shared
from sinq_jax.interruption import Interruption
from sinq_jax.kept_games import Borrowed
from sinq_jax.preparation import prepare
from sinq_jax.procedure import run_of
from sinq_jax.programs.program import Skipped
from sinq_jax.progress import Progress, Standing, loading_line
from sinq_jax.report import as_text, closing_table, load_run, write_report
from sinq_jax.speaking import first_speaks

SHOWN = 5


def selfplay(
    config: Config, workdir: Workdir, sandbox: Sandbox, interruption: Interruption, joined: Joined
) -> int:
    """Runs or resumes; returns the exit status: 0, or 3 when an alarm stopped it.

    Raises ``Interrupted`` after a signal, with everything saved.
    """
    hosts = joined.hosts
    with first_speaks(hosts) as progress:
        connect(joined)
        _bind(config, workdir, hosts, progress)
        progress.show(Standing(phase="preparing", done=0.0))
        prepared = hosts.after_first("prepared", lambda: prepare(config, workdir.path, sandbox))
        _tell_skipped(progress, prepared.programs.skipped)
        progress.say(
            f"{len(prepared.programs.train)} originals, {len(prepared.pairs)} labelled pairs, "
            f"{len(prepared.exam)} held-out pairs, {prepared.tokenizer.vocab_size} tokens"
        )
        if config.warm_start.games:
            _tell_borrowed(progress, prepared.borrowed)
        watch = loading_line() if hosts.first else None
        experiment = assemble(config, prepared, shared(sandbox, hosts), watch)
        with run_of(config)(experiment, workdir.path, progress, hosts) as run:
            run.train(interruption)
            stopped = bool(run.watch.stopped_by)
    if hosts.first:
        conclude(workdir.path)
    return alarms.EXIT_STATUS if stopped else 0


def _bind(config: Config, workdir: Workdir, hosts: Hosts, progress: Progress) -> None:
    """Holds the run to its workdir, and the hosts to each other."""
    if hosts.count > 1:
        expect_same_command(hosts, config)
    if hosts.first:
        for note in workdir.bind(config, [str(device) for device in jax.devices()]):
            progress.say(note)
    if hosts.count > 1:
        expect_same_workdir(hosts, workdir.path)


def conclude(workdir: Path) -> None:
    """Prints the closing table and writes the report."""
    run = load_run(workdir)
    print(as_text(closing_table(run.rows, played=run.played)))
    print(f"\n{write_report(workdir)}")


def _tell_borrowed(progress: Progress, borrowed: Borrowed) -> None:
    progress.say(
        f"{len(borrowed.games)} published games to learn from; left out: {borrowed.held_out} of "
        f"held-out originals, {borrowed.too_long} that are too long"
    )


def _tell_skipped(progress: Progress, skipped: tuple[Skipped, ...]) -> None:
    """Programs that could not be used: how many, and the first few by name."""
    for each in skipped[:SHOWN]:
        progress.say(f"skipped {each.where}: {each.reason}")
    if len(skipped) > SHOWN:
        progress.say(f"skipped {len(skipped)} programs in all")
