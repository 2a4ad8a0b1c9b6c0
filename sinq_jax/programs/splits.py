"""Which split a program belongs to: decided by the program itself, once and for all.

Neither a seed nor the size of a set moves a program from one split to another, so what one run
learns from is never what another run is measured on.
"""

from collections.abc import Iterable

from sinq_jax.programs.normal_form import fraction, normal_form
from sinq_jax.programs.program import Program, ProgramSet, Skipped

SPLITS = ("train", "validation", "held_out")
TRAIN_SHARE = 0.7
VALIDATION_SHARE = 0.1


def split_of(source: str) -> str:
    """``train`` (70% of all programs), ``validation`` (10%) or ``held_out`` (20%).

    Programs that differ only in layout, comments or their own names share a split. Raises
    ``SyntaxError`` where ``source`` is not Python.
    """
    place = fraction(normal_form(source))
    if place < TRAIN_SHARE:
        return "train"
    return "validation" if place < TRAIN_SHARE + VALIDATION_SHARE else "held_out"


def split(programs: Iterable[Program], skipped: Iterable[Skipped] = ()) -> ProgramSet:
    """The programs in their splits, in the given order; of equal programs only the first.

    Two programs are equal when their normal forms are; the later one is added to ``skipped``.
    """
    parts: dict[str, list[Program]] = {name: [] for name in SPLITS}
    first: dict[str, str] = {}
    left_out = list(skipped)
    for program in programs:
        form = normal_form(program.source)
        if form in first:
            left_out.append(Skipped(program.name, f"the same program as {first[form]}"))
            continue
        first[form] = program.name
        parts[split_of(program.source)].append(program)
    return ProgramSet(
        tuple(parts["train"]),
        tuple(parts["validation"]),
        tuple(parts["held_out"]),
        tuple(left_out),
    )
