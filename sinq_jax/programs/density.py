"""On what share of the inputs two programs differ: measured by sweeps, never a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox import Outcome, Sandbox
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.program import Program

FINISHED = ("returned", "raised")


@dataclass(frozen=True)
class Comparison:
    """What the outcomes of P and Q on the same inputs say.

    ``diverging`` holds the places of the inputs on which they differ; ``tried`` counts the inputs
    on which they could be compared at all; ``unclear`` counts the outcomes of Q that are neither a
    value nor an exception.
    """

    diverging: tuple[int, ...]
    tried: int
    unclear: int


def density(
    sandbox: Sandbox, program: Program, variant: str, inputs: Sequence[str]
) -> tuple[int, int]:
    """On how many of the ``inputs`` the variant differs from the program, and how many counted.

    An input counts where P returned or raised and Q did so too or ran out of time, which is a
    difference then. Both numbers are 0 where nothing could be compared (Q refused, P broken).
    """
    return _measured(sandbox, [(program, variant, tuple(inputs))])[0]


def densities(
    sandbox: Sandbox, variants: Sequence[tuple[Program, str]], inputs: int, seed: int = 0
) -> list[tuple[int, int]]:
    """``density`` of many variants in one pooled sweep, in the given order.

    Each is tried on ``enumerate_inputs(program, inputs, seed)``; an original is run once, however
    many variants it has.
    """
    samples = {program: enumerate_inputs(program, inputs, seed) for program, _ in variants}
    return _measured(sandbox, [(program, text, samples[program]) for program, text in variants])


def _measured(
    sandbox: Sandbox, variants: Sequence[tuple[Program, str, tuple[str, ...]]]
) -> list[tuple[int, int]]:
    originals = {(program, inputs): None for program, _, inputs in variants}
    jobs = [(program.source, program.entry_point, inputs) for program, inputs in originals]
    jobs += [(variant, program.entry_point, inputs) for program, variant, inputs in variants]
    outcomes = sandbox.sweep_all(jobs)
    known = dict(zip(originals, outcomes, strict=False))
    compared = [
        compare(sandbox, known[program, inputs], outcomes_of_variant)
        for (program, _, inputs), outcomes_of_variant in zip(
            variants, outcomes[len(originals) :], strict=True
        )
    ]
    return [(len(comparison.diverging), comparison.tried) for comparison in compared]


def compare(
    sandbox: Sandbox, original: Sequence[Outcome], variant: Sequence[Outcome]
) -> Comparison:
    """The outcomes of two programs on the same inputs, compared one by one."""
    diverging: list[int] = []
    tried = unclear = 0
    for place, (ours, theirs) in enumerate(zip(original, variant, strict=True)):
        unclear += theirs.status not in FINISHED
        if ours.status not in FINISHED or theirs.status not in (*FINISHED, "timeout"):
            continue
        tried += 1
        if theirs.status == "timeout" or not sandbox.same_outcome(ours, theirs):
            diverging.append(place)
    return Comparison(tuple(diverging), tried, unclear)
