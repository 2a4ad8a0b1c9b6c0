"""Inputs for a program: a fixed, reproducible sample over a modest domain, small ones first."""

from collections.abc import Iterator
from functools import lru_cache
from random import Random

from sandbox.hints import Hints, hints_of
from sandbox.input_text import arguments_of, input_text, size_key, size_key_of
from sandbox.neighbours import neighbour
from sinq_jax.programs.draws import INT_RANGE, draw_value
from sinq_jax.programs.kinds import ANY
from sinq_jax.programs.program import Program

__all__ = ["enumerate_inputs", "size_key"]

# Draws repeat themselves; a domain that gives nothing new after this many is taken as exhausted.
DRAWS_PER_INPUT = 8
# Programs whose inputs are remembered: those of a large run of play, which come up again and again.
REMEMBERED = 4096

Found = dict[str, dict[str, object]]


@lru_cache(REMEMBERED)
def enumerate_inputs(program: Program, count: int, seed: int) -> tuple[str, ...]:
    """At most ``count`` different canonical inputs that bind to ``program``, smallest first.

    A single whole-number parameter gets its whole range, -9..9, the constants of the text with
    their neighbours and the examples, thinned only where that is more than ``count``. Everything
    else is sampled: by kind, and around the examples where there are some. The inputs depend on
    the text of the program, its parameters and examples and on ``seed``, and on nothing else.
    Fewer than ``count`` come back where the domain has no more; a program without parameters has
    the one input ``{}``.
    """
    rng = Random(f"{seed}/{program.source}")
    hints = hints_of(program.source)
    if [parameter.kind for parameter in program.parameters] == ["int"]:
        found = _int_range(program, hints)
    else:
        found = _sampled(program, count, rng, hints)
    chosen = [*found] if len(found) <= count else rng.sample([*found], count)
    return tuple(sorted(chosen, key=lambda text: size_key_of(found[text], text)))


def _int_range(program: Program, hints: Hints) -> Found:
    name = program.parameters[0].name
    low, high = INT_RANGE
    values = set(range(low, high + 1))
    values.update(constant + step for constant in hints.ints for step in (-1, 0, 1))
    every = [arguments_of(text) for text in program.examples]
    every += [{name: value} for value in sorted(values)]
    return {input_text(arguments): arguments for arguments in every}


def _sampled(program: Program, count: int, rng: Random, hints: Hints) -> Found:
    found: Found = {}
    for arguments in map(arguments_of, program.examples[:count]):
        found[input_text(arguments)] = arguments
    draws = _draws(program, rng, hints)
    for _ in range(DRAWS_PER_INPUT * count):
        if len(found) >= count:
            break
        arguments = next(draws)
        try:
            found[input_text(arguments)] = arguments
        except ValueError:
            continue
    return found


def _draws(program: Program, rng: Random, hints: Hints) -> Iterator[dict[str, object]]:
    """Endless: by kind, and, where there are examples, half of them or more near an example."""
    examples = [arguments_of(text) for text in program.examples]
    unknown = any(ANY in parameter.kind for parameter in program.parameters)
    near = (0.9 if unknown else 0.5) if examples else 0.0
    while True:
        if rng.random() < near:
            yield neighbour(rng.choice(examples), rng, hints)
        else:
            yield {p.name: draw_value(p.kind, rng, hints) for p in program.parameters}
