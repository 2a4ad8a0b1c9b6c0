"""On what share of the inputs two programs differ: measured by sweeps, never a verdict."""

from collections.abc import Sequence

from sandbox import Judge
from sandbox.sweeps import compare_sweeps
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.program import Program


def density(
    sandbox: Judge, program: Program, variant: str, inputs: Sequence[str]
) -> tuple[int, int]:
    """On how many of the ``inputs`` the variant differs from the program, and how many counted.

    An input counts where P returned or raised and Q did so too or ran out of time, which is a
    difference then. Both numbers are 0 where nothing could be compared (Q refused, P broken).
    """
    return _measured(sandbox, [(program, variant, tuple(inputs))])[0]


def densities(
    sandbox: Judge, variants: Sequence[tuple[Program, str]], inputs: int, seed: int = 0
) -> list[tuple[int, int]]:
    """``density`` of many variants in one pooled sweep, in the given order.

    Each is tried on ``enumerate_inputs(program, inputs, seed)``; an original is run once, however
    many variants it has.
    """
    samples = {program: enumerate_inputs(program, inputs, seed) for program, _ in variants}
    return _measured(sandbox, [(program, text, samples[program]) for program, text in variants])


def _measured(
    sandbox: Judge, variants: Sequence[tuple[Program, str, tuple[str, ...]]]
) -> list[tuple[int, int]]:
    originals = {(program, inputs): None for program, _, inputs in variants}
    jobs = [(program.source, program.entry_point, inputs) for program, inputs in originals]
    jobs += [(variant, program.entry_point, inputs) for program, variant, inputs in variants]
    outcomes = sandbox.sweep_all(jobs)
    known = dict(zip(originals, outcomes, strict=False))
    compared = [
        compare_sweeps(known[program, inputs], outcomes_of_variant)
        for (program, _, inputs), outcomes_of_variant in zip(
            variants, outcomes[len(originals) :], strict=True
        )
    ]
    return [(len(comparison.diverging), comparison.tried) for comparison in compared]
