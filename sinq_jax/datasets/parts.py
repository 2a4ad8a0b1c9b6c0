"""What a dataset is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from sinq_jax.programs.program import Program, ProgramSet, Skipped


@dataclass(frozen=True)
class Parts:
    """Programs by the names of their splits, as published where somebody published them, and what
    gave no program.
    """

    splits: Mapping[str, tuple[Program, ...]]
    skipped: tuple[Skipped, ...] = ()


def parts_of(programs: ProgramSet) -> Parts:
    """The set's splits, under the names that TFDS has for them."""
    splits = {
        "train": programs.train,
        "validation": programs.validation,
        "test": programs.held_out,
    }
    return Parts(splits, programs.skipped)
