"""The export job: from the workdir of a run to the files in ``DIR/export``."""

import json
import shutil
import tempfile
from pathlib import Path

from sinq_jax.config import Config
from sinq_jax.export.contents import contents
from sinq_jax.export.datasets import write_datasets
from sinq_jax.export.errors import ExportError
from sinq_jax.export.lines import write_files
from sinq_jax.export.tables import tables
from sinq_jax.game.lines import LineError
from sinq_jax.game.prompts import make_format
from sinq_jax.game.published import Published, read_published
from sinq_jax.game.store import GameStore

FOLDER, DATASETS = "export", "tfds"
BORROWED = Path("data", "games.jsonl")


def export(config: Config, workdir: Path) -> None:
    """Export what the run in ``workdir`` has played so far; print what was written."""
    written = write_export(config, workdir)
    width = max(map(len, written))
    for name, count in written.items():
        print(f"{name:{width}}  {count:,}")
    print(f"\n{workdir / FOLDER}")


def write_export(config: Config, workdir: Path) -> dict[str, int]:
    """Replace ``workdir/export`` as a whole; return the number of lines or rows of each part.

    Every game of the rounds that are finished now, in the formats of `write_files` and
    `write_datasets`, and the paper's training sets in the words of the run's prompts, drawn by the
    config's seed. May be called while the run goes on. Raises ExportError or StoreError where there
    are no games, the prompts are not the run's, or the disk refuses.
    """
    hold_to_prompts(config, workdir)
    with GameStore(workdir / "games.sqlite", readonly=True) as store:
        rounds = store.rounds()
        borrowed = borrowed_games(workdir)
        if not (rounds or borrowed):
            raise ExportError(f"{workdir}: expected games to export, got none; play a round first")
        form, quirks = make_format(config.prompts.style), config.paper.reference_quirks
        found = contents(
            store, rounds, form, config.seed, borrowed=borrowed, reference_quirks=quirks
        )
        try:
            draft = Path(tempfile.mkdtemp(prefix=f"{FOLDER}-", dir=workdir))
            try:
                written = write_files(draft, found)
                rows = write_datasets(draft / DATASETS, tables(found))
                draft.chmod(0o755)
                replace_folder(workdir / FOLDER, draft)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except OSError as error:
            raise ExportError(
                f"{workdir / FOLDER}: expected to write there, got {error.strerror or error}; "
                "make room or mend permissions"
            ) from error
    return written | {f"{DATASETS}/{name}": count for name, count in rows.items()}


def borrowed_games(workdir: Path) -> tuple[Published, ...]:
    """Return the published games that the run in ``workdir`` keeps to learn from; ExportError where
    the file is damaged.
    """
    path = workdir / BORROWED
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8") as file:
            return tuple(read_published(file, str(path)))
    except (OSError, UnicodeDecodeError, LineError) as error:
        raise ExportError(
            f"{path}: expected the games that the run learns from, got {error}; put it back"
        ) from error


def hold_to_prompts(config: Config, workdir: Path) -> None:
    """Raise ExportError unless the workdir is of a run whose players read the config's prompts."""
    file = workdir / "config.json"
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        style = record["config"]["prompts"]["style"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportError(
            f"{file}: expected the config of a run, got {type(error).__name__}; give the --workdir "
            "of a run"
        ) from error
    if style != config.prompts.style:
        raise ExportError(
            f"--config.prompts.style: expected {style!r}, as in the run in {workdir}, got "
            f"{config.prompts.style!r}; give the config of that run"
        )


def replace_folder(path: Path, draft: Path) -> None:
    """Put ``draft`` in the place of ``path``, which may be there or not."""
    old = draft.with_name(f"{draft.name}.old")
    if path.exists():
        path.rename(old)
    draft.rename(path)
    shutil.rmtree(old, ignore_errors=True)
