"""``python -m sinq_jax.export_weights DIR --to FOLDER``: what a run has trained, for other tools.

A run whose weights all learned becomes a Hugging Face directory with the tokenizer of the
checkpoint it began with; one of adapters becomes a PEFT adapter over that checkpoint.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.arguments import OneLineParser
from sinq_jax.config import ConfigError
from sinq_jax.errors import SinqError
from sinq_jax.game.records import Role
from sinq_jax.models.weights import save_adapter, save_params
from sinq_jax.players import ROLES
from sinq_jax.pretrained import DTYPES, PretrainedError, tokenizer_files
from sinq_jax.progress import loading_line
from sinq_jax.trained import Trained, open_run


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 2 a mistake in what was asked (one line on stderr)."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        run = open_run(asked.workdir)
        role = _role(run, asked.role)
        export(run, role, asked.to, asked.dtype)
    except SinqError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    print(asked.to)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="python -m sinq_jax.export_weights", description=__doc__)
    parser.add_argument("workdir", metavar="DIR", type=Path, help="the --workdir of a run")
    parser.add_argument(
        "--to", metavar="FOLDER", type=Path, required=True, help="a folder that is new or empty"
    )
    parser.add_argument(
        "--role", choices=ROLES, help="whose weights; only where the players learned apart"
    )
    parser.add_argument(
        "--dtype",
        choices=DTYPES,
        help="of the written weights (default: what the checkpoint had); adapters are float32",
    )
    return parser


def _role(run: Trained, asked: Role | None) -> Role:
    if asked is None and not run.learner.shared:
        raise ConfigError(
            "--role: expected generator or evaluator, because the players of this run learned "
            "apart, got none; name one"
        )
    return asked or "generator"


def export(run: Trained, role: Role, folder: Path, dtype: str | None = None) -> None:
    """Writes the weights that ``role`` plays with, or its adapter, to ``folder``.

    Raises ``PretrainedError`` for players that began from scratch, whose shape no family has, and
    ``WeightsError`` when the folder has files in it or the disk refuses.
    """
    began = run.pretrained
    if began is None:
        raise PretrainedError(
            "--config.model.path: expected a run that began with a checkpoint, got one from "
            "scratch, whose model other tools do not know; use it here, with run.py --job=sample"
        )
    learned = run.players["shared" if run.learner.shared else role].params
    if run.config.players.adapter_rank:
        scale = run.learner.spec.adapter_scale
        save_adapter(folder, began.spec, learned, scale, str(began.path))
    else:
        save_params(
            folder,
            began.spec,
            learned,
            began.config,
            dtype=dtype or began.stored_dtype,
            beside=tokenizer_files(began.path),
            progress=loading_line("writing weights"),
        )


if __name__ == "__main__":
    sys.exit(main())
