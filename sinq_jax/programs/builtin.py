"""The built-in originals: the hand-written functions and the generated family, in their splits."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from sinq_jax.programs.folder import read_folder
from sinq_jax.programs.grammar import stream
from sinq_jax.programs.normal_form import normal_form
from sinq_jax.programs.program import Program, ProgramSet, ProgramSourceError
from sinq_jax.programs.splits import SPLITS, split_of

# Hand-written programs are longer and rarer in kind; more of them than this would make a small set
# another game than a large one.
HANDWRITTEN_SHARE = 0.1


def handwritten() -> tuple[Program, ...]:
    """All hand-written programs, named ``handwritten/file/function``."""
    programs, _ = read_folder(Path(__file__).parent / "handwritten")
    return programs


def load_builtin(seed: int, train: int, validation: int, held_out: int) -> ProgramSet:
    """Exactly as many programs in each split as asked for, mixed, the same for the same arguments.

    Up to a tenth of each split is hand-written, the rest comes from the generated family. Which
    split a program belongs to depends on the program alone, so the held-out programs of one seed
    are in the training set of no other. Raises ``ProgramSourceError`` where the family is too
    small.
    """
    sizes = dict(zip(SPLITS, (train, validation, held_out), strict=True))
    rng = Random(f"builtin/{seed}")
    written = list(handwritten())
    rng.shuffle(written)
    own = _filled(written, {name: int(size * HANDWRITTEN_SHARE) for name, size in sizes.items()})
    rest = {name: size - len(own[name]) for name, size in sizes.items()}
    generated = _filled(_new_programs(seed, written), rest)
    parts: dict[str, list[Program]] = {}
    for name, size in sizes.items():
        parts[name] = own[name] + generated[name]
        rng.shuffle(parts[name])
        if len(parts[name]) < size:
            raise ProgramSourceError(
                f"programs.{name}: expected at most {len(parts[name])} for the built-in family, "
                f"got {size}; ask for fewer"
            )
    return ProgramSet(tuple(parts["train"]), tuple(parts["validation"]), tuple(parts["held_out"]))


def _new_programs(seed: int, known: Iterable[Program]) -> Iterator[Program]:
    forms = {normal_form(program.source) for program in known}
    return (program for program in stream(seed) if normal_form(program.source) not in forms)


def _filled(programs: Iterable[Program], sizes: dict[str, int]) -> dict[str, list[Program]]:
    """The first programs of each split, taken from ``programs`` until every split is full."""
    parts: dict[str, list[Program]] = {name: [] for name in sizes}
    missing = sum(sizes.values())
    for program in programs if missing else ():
        name = split_of(program.source)
        if len(parts[name]) < sizes[name]:
            parts[name].append(program)
            missing -= 1
        if not missing:
            break
    return parts
