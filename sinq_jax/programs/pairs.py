"""Labelled pairs: an original, a mutant that differs from it on some inputs, and those inputs.

Found by brute force: mutants are swept over a fixed sample of inputs. They start both players off,
and, made from held-out programs, they are the exam.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from sandbox import Judge, Outcome
from sandbox.sweeps import FINISHED, compare_sweeps
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.mutation import Mutant, mutants
from sinq_jax.programs.program import Program
from sinq_jax.programs.termination import loop_progress

LABELS = 8
ROUNDS = 3
# Mutants tried beyond the pairs wanted, so that there is a choice of densities to even out.
SPARE_TRIES = 2
PROGRAMS_PER_SWEEP = 128
# Upper edges of the densities that count as alike when the spread over densities is evened out.
DENSITY_EDGES = (0.05, 0.1, 0.2, 0.35, 0.5, 1.0)


@dataclass(frozen=True)
class LabelledPair:
    """A variant of ``original`` that differs on ``diverging`` of the ``tried`` inputs.

    ``density`` is their ratio, ``operator`` the name of the edit; ``inputs`` are the up to 8
    smallest of the diverging inputs, the smallest one first.
    """

    original: Program
    variant: str
    operator: str
    density: float
    diverging: int
    tried: int
    inputs: tuple[str, ...]


@dataclass
class _Search:
    """One program on its way: the pairs wanted, what P did, mutants still to try, pairs found."""

    program: Program
    quota: int
    inputs: tuple[str, ...]
    mutants: Iterator[Mutant]
    outcomes: list[Outcome] = field(default_factory=list)
    found: list[LabelledPair] = field(default_factory=list)


def make_pairs(
    sandbox: Judge,
    programs: Sequence[Program],
    per_program: int,
    inputs_per_program: int,
    seed: int,
    density: tuple[float, float] = (0.0, 0.5),
    limit: int | None = None,
) -> tuple[LabelledPair, ...]:
    """At most ``per_program`` pairs of each program, in the order of ``programs``.

    With a ``limit`` about as many pairs come back as it says, never more, drawn evenly from all
    programs. The density of every pair lies above the first and at or below the second number of
    ``density``. Programs whose original does not finish on every input are left out, and so are
    mutants that do not. Mutants are tried in a random order that takes the operators in turn, and
    of those found the ones are kept whose density and operator are rarest so far. The same
    arguments give the same pairs.
    """
    rarity: Counter[str | float] = Counter()
    pairs: list[LabelledPair] = []
    most = per_program * len(programs) if limit is None else limit
    for start in range(0, len(programs), PROGRAMS_PER_SWEEP):
        batch = programs[start : start + PROGRAMS_PER_SWEEP]
        wanted = most * (start + len(batch)) // len(programs) - len(pairs)
        searches = [
            _search(program, min(quota, per_program), inputs_per_program, seed)
            for program, quota in zip(batch, _shares(wanted, len(batch)), strict=True)
        ]
        for search in _searched(sandbox, searches, density):
            pairs += _rarest(search.found, search.quota, rarity)
    return tuple(pairs)


def _shares(total: int, count: int) -> list[int]:
    """``total`` spread evenly over ``count`` places."""
    return [total * (place + 1) // count - total * place // count for place in range(count)]


def _search(program: Program, quota: int, count: int, seed: int) -> _Search:
    inputs = enumerate_inputs(program, count, seed)
    return _Search(program, quota, inputs, _operators_in_turn(program, seed))


def _operators_in_turn(program: Program, seed: int) -> Iterator[Mutant]:
    """The mutants, shuffled; one of each operator before the second one of any.

    Those that change what makes a loop end are left out: many never end, and waiting for one of
    them takes as long as a hundred other sweeps.
    """
    by_operator: dict[str, list[Mutant]] = {}
    found = mutants(program)
    progress = loop_progress(program.source) if found else ()
    for mutant in found:
        if loop_progress(mutant.source) == progress:
            by_operator.setdefault(mutant.operator, []).append(mutant)
    rng = Random(f"{seed}/{program.name}/{program.source}")
    queues = list(by_operator.values())
    for queue in queues:
        rng.shuffle(queue)
    while queues:
        rng.shuffle(queues)
        yield from [queue.pop() for queue in queues]
        queues = [queue for queue in queues if queue]


def _searched(
    sandbox: Judge, searches: list[_Search], density: tuple[float, float]
) -> list[_Search]:
    """The searches with their pairs, after rounds in which only the unfinished ones try more."""
    open_searches = [search for search in searches if search.inputs and search.quota > 0]
    originals = sandbox.sweep_all(
        [(s.program.source, s.program.entry_point, s.inputs) for s in open_searches]
    )
    for search, outcomes in zip(open_searches, originals, strict=True):
        search.outcomes = outcomes
    for _ in range(ROUNDS):
        open_searches = [
            search
            for search in open_searches
            if len(search.found) < search.quota and _all_finished(search.outcomes)
        ]
        tries = [(s, m) for s in open_searches for m in islice(s.mutants, s.quota + SPARE_TRIES)]
        _try_mutants(sandbox, tries, density)
    return searches


def _try_mutants(
    sandbox: Judge, tries: Sequence[tuple[_Search, Mutant]], density: tuple[float, float]
) -> None:
    """Adds the pairs among ``tries`` to what their searches found."""
    jobs = [(m.source, s.program.entry_point, s.inputs) for s, m in tries]
    for (search, mutant), outcomes in zip(tries, sandbox.sweep_all(jobs), strict=True):
        comparison = compare_sweeps(search.outcomes, outcomes)
        share = len(comparison.diverging) / len(search.inputs)
        if comparison.unclear or not density[0] < share <= density[1]:
            continue
        pair = LabelledPair(
            original=search.program,
            variant=mutant.source,
            operator=mutant.operator,
            density=share,
            diverging=len(comparison.diverging),
            tried=comparison.tried,
            inputs=tuple(search.inputs[place] for place in comparison.diverging[:LABELS]),
        )
        search.found.append(pair)


def _all_finished(outcomes: Iterable[Outcome]) -> bool:
    return all(outcome.status in FINISHED for outcome in outcomes)


def _rarest(
    found: Sequence[LabelledPair], count: int, rarity: Counter[str | float]
) -> list[LabelledPair]:
    """``count`` of the pairs, each the rarest at its turn by density and operator."""
    left = list(found)
    kept: list[LabelledPair] = []
    while left and len(kept) < count:
        pair = min(left, key=lambda pair: rarity[pair.operator] + rarity[_density_class(pair)])
        left.remove(pair)
        kept.append(pair)
        rarity.update((pair.operator, _density_class(pair)))
    return kept


def _density_class(pair: LabelledPair) -> float:
    return next(edge for edge in DENSITY_EDGES if pair.density <= edge)
