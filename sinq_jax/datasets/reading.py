"""Prepared programs, read without tensorflow."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds

from sinq_jax.datasets.errors import DatasetError
from sinq_jax.datasets.parts import Parts
from sinq_jax.programs.program import Parameter, Program, ProgramSet


def read_dataset(folder: Path) -> Parts:
    """All splits of a prepared set, in their order. ``folder`` is the one that ``prepare`` returns.

    Raises ``DatasetError`` where there is no such set.
    """
    try:
        builder = tfds.builder_from_directory(folder)
        splits = {
            name: tuple(program_of(row) for row in builder.as_data_source(split=name))
            for name in builder.info.splits
        }
    except (OSError, ValueError, KeyError) as error:
        said = str(error).splitlines() or [type(error).__name__]
        raise DatasetError(
            f"{folder}: expected a prepared set of programs, got {said[0]}; make one with "
            "python -m sinq_jax.datasets"
        ) from error
    return Parts(splits)


def originals_of(parts: Parts) -> ProgramSet:
    """The splits as a run uses them: ``test`` is held out; other names than TFDS's three are not
    played with.
    """
    empty: tuple[Program, ...] = ()
    return ProgramSet(
        parts.splits.get("train", empty),
        parts.splits.get("validation", empty),
        parts.splits.get("test", empty),
        parts.skipped,
    )


def program_of(row: Mapping[str, Any]) -> Program:
    """The program in one row, whose texts are UTF-8."""
    names, kinds, examples = (
        [text.decode() for text in row[key]] for key in ("parameters", "kinds", "examples")
    )
    return Program(
        name=row["name"].decode(),
        source=row["source"].decode(),
        entry_point=row["entry_point"].decode(),
        parameters=tuple(map(Parameter, names, kinds)),
        examples=tuple(examples),
    )
