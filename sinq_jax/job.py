"""The self-play job, from a checked config to the closing table."""

import sys
from pathlib import Path

import jax

from sandbox import Sandbox
from sinq_jax.checkpoint import CheckpointError
from sinq_jax.config import Config, ConfigError
from sinq_jax.config.workdir import Workdir
from sinq_jax.experiment import assemble
from sinq_jax.game.store import StoreError
from sinq_jax.interruption import Interruption
from sinq_jax.metrics import MetricsError
from sinq_jax.models.weights import WeightsError
from sinq_jax.preparation import prepare
from sinq_jax.pretrained import PretrainedError
from sinq_jax.programs.program import ProgramSourceError, Skipped
from sinq_jax.progress import Progress, Standing, loading_line
from sinq_jax.report import ReportError, as_text, closing_table, load_run, write_report
from sinq_jax.tokenizers import TokenizerError
from sinq_jax.training import Run

SHOWN = 5


def selfplay(config: Config, workdir: Workdir, sandbox: Sandbox, interruption: Interruption) -> int:
    """Runs or resumes; returns the exit status.

    Raises ``Interrupted`` after a signal, with everything saved.
    """
    try:
        with Progress() as progress:
            for note in workdir.bind(config, [str(device) for device in jax.devices()]):
                progress.say(note)
            progress.show(Standing(phase="preparing", done=0.0))
            prepared = prepare(config, workdir.path, sandbox)
            _tell_skipped(progress, prepared.programs.skipped)
            progress.say(
                f"{len(prepared.programs.train)} originals, {len(prepared.pairs)} labelled pairs, "
                f"{len(prepared.exam)} held-out pairs, {prepared.tokenizer.vocab_size} tokens"
            )
            experiment = assemble(config, prepared, sandbox, loading_line())
            with Run(experiment, workdir.path, progress) as run:
                run.train(interruption)
        conclude(workdir.path)
    except (
        CheckpointError,
        ConfigError,
        MetricsError,
        PretrainedError,
        ProgramSourceError,
        ReportError,
        StoreError,
        TokenizerError,
        WeightsError,
    ) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def conclude(workdir: Path) -> None:
    """Prints the closing table and writes the report."""
    run = load_run(workdir)
    print(as_text(closing_table(run.rows, played=run.played)))
    print(f"\n{write_report(workdir)}")


def _tell_skipped(progress: Progress, skipped: tuple[Skipped, ...]) -> None:
    """Programs that could not be used: how many, and the first few by name."""
    for each in skipped[:SHOWN]:
        progress.say(f"skipped {each.where}: {each.reason}")
    if len(skipped) > SHOWN:
        progress.say(f"skipped {len(skipped)} programs in all")
