"""The crossplay job: from a run's workdir to ``crossplay.json`` and its part of the report."""

from pathlib import Path

from sandbox import Sandbox
from sinq_jax.config import Config, ConfigError
from sinq_jax.config.schema import flatten
from sinq_jax.config.workdir import compare
from sinq_jax.experiment import assemble
from sinq_jax.league.crossplay import played_across
from sinq_jax.preparation import prepare
from sinq_jax.progress import Progress, loading_line
from sinq_jax.report import as_text, write_report
from sinq_jax.report.crossplay import crossplay_table, response_told, write_crossplay
from sinq_jax.trained import run_config


def crossplay(config: Config, workdir: Path, sandbox: Sandbox) -> None:
    """Lets the players of the run in ``workdir`` meet; prints, and writes the report anew. The
    run may go on: the newest checkpoint counts as its last players.
    """
    hold_to_run(config, workdir)
    with Progress() as progress:
        prepared = prepare(config, workdir, sandbox)
        experiment = assemble(config, prepared, sandbox, loading_line())
        found = played_across(experiment, workdir, progress.say)
    write_crossplay(workdir, found)
    print(as_text(crossplay_table(found)))
    print(f"\n{response_told(found.response)}\n\n{write_report(workdir)}")


def hold_to_run(config: Config, workdir: Path) -> None:
    """Raises ``ConfigError`` unless this is the config of the run in ``workdir``."""
    differences = compare(flatten(run_config(workdir)), config)
    if differences:
        raise ConfigError(
            f"{workdir / 'config.json'}: expected the config of this run, got "
            f"{'; '.join(differences)}; give the config that it was played with"
        )
