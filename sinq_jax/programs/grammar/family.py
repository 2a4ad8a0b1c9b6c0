"""The generated family as a stream: draw a body, keep it if it is new and worth playing with."""

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from sinq_jax.programs.grammar import int_bodies, sequence_bodies
from sinq_jax.programs.grammar.acceptance import is_acceptable
from sinq_jax.programs.grammar.draft import Draft
from sinq_jax.programs.normal_form import normal_form
from sinq_jax.programs.program import Program

BODIES: tuple[tuple[int, Callable[[Random], Draft]], ...] = (
    (16, int_bodies.guards),
    (10, int_bodies.branches),
    (8, int_bodies.assigned_branch),
    (8, int_bodies.adjusted_local),
    (8, int_bodies.range_sum),
    (3, int_bodies.countdown),
    (12, int_bodies.two_ints),
    (10, sequence_bodies.list_filter),
    (4, sequence_bodies.list_extreme),
    (8, sequence_bodies.list_guard),
    (6, sequence_bodies.list_first),
    (4, sequence_bodies.list_comprehension),
    (4, sequence_bodies.string_count),
    (8, sequence_bodies.string_guard),
)


# So many drafts in a row without a new program say that the family is used up.
LAST_DRAFTS = 20_000


def generate(seed: int, count: int) -> tuple[Program, ...]:
    """The first ``count`` programs of ``stream(seed)``; fewer where the family has no more."""
    return tuple(islice(stream(seed), count))


def stream(seed: int) -> Iterator[Program]:
    """Different programs ``grammar/0, grammar/1, ...``, the same ones for the same seed.

    No two share a normal form, so none is another one with its names changed. The share of each
    kind of body follows ``BODIES`` but for the drafts that were turned down. Ends where the family
    is used up, far beyond 20,000 programs.
    """
    rng = Random(f"grammar/{seed}")
    weights = [weight for weight, _ in BODIES]
    bodies = [body for _, body in BODIES]
    seen: set[str] = set()
    number = barren = 0
    while barren < LAST_DRAFTS:
        barren += 1
        draft = rng.choices(bodies, weights)[0](rng)
        program = draft.program(f"grammar/{number}")
        form = normal_form(program.source)
        if form in seen:
            continue
        seen.add(form)
        if is_acceptable(program):
            number += 1
            barren = 0
            yield program
