"""The one way to originals, whatever their source."""

from pathlib import Path

from sinq_jax.programs.builtin import load_builtin
from sinq_jax.programs.folder import read_folder
from sinq_jax.programs.jsonl import read_jsonl
from sinq_jax.programs.program import ProgramSet, ProgramSourceError
from sinq_jax.programs.splits import split


def load_programs(
    source: str, path: str, seed: int, train: int, validation: int, held_out: int
) -> ProgramSet:
    """Originals from the ``builtin`` family, a ``jsonl`` file or a ``folder`` of .py files.

    ``seed`` and the three sizes make the built-in set. A file or a folder gives all it has, in its
    own order, split by program; those sizes do not apply to it. Raises ``ProgramSourceError``, one
    line, for a path that cannot be read, a source without any program, and an unknown source.
    """
    if source == "builtin":
        return load_builtin(seed, train, validation, held_out)
    place = Path(path)
    if source == "jsonl":
        found = read_jsonl(place)
    elif source == "folder":
        found = split(*read_folder(place))
    else:
        raise ProgramSourceError(
            f"programs.source: expected builtin, jsonl or folder, got {source!r}; choose one"
        )
    if not (found.train or found.validation or found.held_out):
        raise ProgramSourceError(f"{path}: expected at least one program, got none{_why(found)}")
    return found


def _why(found: ProgramSet) -> str:
    if not found.skipped:
        return "; it holds nothing to read"
    first = found.skipped[0]
    return f"; {len(found.skipped)} skipped, the first: {first.where}: {first.reason}"
