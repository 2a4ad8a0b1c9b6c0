"""Published variants that only their writer can tell from the original: nobody learns from them.

The rule is that of `sinq_jax.game.suspicion`; here nobody's answers are known.
"""

from collections.abc import Sequence

from sandbox import Sandbox
from sandbox.search import Pair, search_all
from sinq_jax.game.published import Published, program_of
from sinq_jax.programs.inputs import enumerate_inputs

HARDEST = 9
"""From this level on, and where no level is known, a difference must be found once more. An answer
that solved a published variant at level 9 was judged by others."""
BUDGET, SAMPLE = 128, 64
"""Inputs that are tried on a variant, and how many of them are drawn from the original alone."""


def riddles(sandbox: Sandbox, variants: Sequence[Published]) -> dict[int, str]:
    """Return how the search ended, by place, for each variant that it could not tell apart."""
    places = [place for place, variant in enumerate(variants) if _unshared(variant)]
    pairs = [_pair(variants[place]) for place in places]
    found = search_all(sandbox, pairs, BUDGET, wanted=1) if pairs else []
    return {
        place: findings.reason
        for place, findings in zip(places, found, strict=True)
        if not findings.found
    }


def _unshared(variant: Published) -> bool:
    """Whether no input but the writer's own is known to tell the variant apart."""
    return not variant.others and (variant.level is None or variant.level >= HARDEST)


def _pair(variant: Published) -> Pair:
    program = program_of(variant)
    return Pair(
        id=program.name,
        entry_point=variant.entry_point,
        original=variant.original,
        variant=variant.variant,
        known=enumerate_inputs(program, SAMPLE, 0),
        claimed=variant.input,
    )
