"""Equivalent pairs: programs and rewrites of them, each checked by a search for a difference.

A rewrite is equivalent by construction, and whoever constructs errs; so each pair is tried on
inputs of the kinds that the original suggests, on inputs of any kind, and on what lies near them.
What a search tells apart is thrown away, and counted.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from sandbox import Judge
from sandbox.search import EQUAL_CODE, FOUND, NO_MORE, USED_UP, Findings, Pair, search_all
from sinq_jax.programs.equivalents.rewrites import REWRITES, Rewritten, rewrites
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.kinds import ANY
from sinq_jax.programs.program import Parameter, Program

SECOND_SHARE = 0.3
"""Share of the pairs that are rewritten once more."""

Fits = Callable[[Program, str], bool]


@dataclass(frozen=True)
class EquivalentPair:
    """A rewrite of ``original`` that does the same; ``rewrites`` names what was done to it, and
    ``tried`` counts the inputs on which the two were compared (0 where their code is equal).
    """

    original: Program
    variant: str
    rewrites: tuple[str, ...]
    tried: int


@dataclass(frozen=True)
class Made:
    """Pairs, and how many more were thrown away: because a search told the two apart
    (``diverging``), or because they could not be compared (``unclear``).
    """

    pairs: tuple[EquivalentPair, ...]
    diverging: int = 0
    unclear: int = 0


NONE_MADE = Made(())


def make_equivalents(
    sandbox: Judge,
    programs: Sequence[Program],
    count: int,
    draw: str,
    inputs: int,
    fits: Fits | None = None,
) -> Made:
    """At most ``count`` pairs of the programs in turn, each searched with ``2 * inputs`` inputs.

    Rewrites are chosen so that each comes up as often as the others where it can. ``draw`` says
    which ones are drawn: the same arguments make the same pairs. Pairs that do not fit are made
    anew with another rewrite, or left out.
    """
    rng, rarity = Random(f"equivalents/{draw}"), Counter[str]()
    drawn: list[EquivalentPair] = []
    for place in range(count if programs else 0):
        program = programs[place % len(programs)]
        pair = _drawn(program, rng, rarity, fits)
        if pair and pair not in drawn:
            drawn.append(pair)
            rarity.update(pair.rewrites)
    found = search_all(sandbox, [_question(pair, inputs) for pair in drawn], 2 * inputs, wanted=1)
    kept = [
        replace(pair, tried=findings.tried)
        for pair, findings in zip(drawn, found, strict=True)
        if _stands(findings)
    ]
    diverging = sum(findings.reason == FOUND for findings in found)
    return Made(tuple(kept), diverging, len(drawn) - len(kept) - diverging)


def _drawn(
    program: Program, rng: Random, rarity: Counter[str], fits: Fits | None
) -> EquivalentPair | None:
    """A pair that nobody has checked, made with the rarest rewrites that can be made."""
    first = _rewritten(program, rng, rarity, fits)
    if first is None:
        return None
    pair = EquivalentPair(program, first.source, (first.rewrite,), 0)
    if rng.random() >= SECOND_SHARE:
        return pair
    second = _rewritten(replace(program, source=first.source), rng, rarity, fits)
    if second is None or second.source == program.source:
        return pair
    return replace(pair, variant=second.source, rewrites=(first.rewrite, second.rewrite))


def _rewritten(
    program: Program, rng: Random, rarity: Counter[str], fits: Fits | None
) -> Rewritten | None:
    order = sorted(REWRITES, key=lambda name: (rarity[name], rng.random()))
    for name in order:
        made = [
            each for each in rewrites(program, [name]) if fits is None or fits(program, each.source)
        ]
        if made:
            return rng.choice(made)
    return None


def _question(pair: EquivalentPair, inputs: int) -> Pair:
    program = pair.original
    loose = tuple(Parameter(parameter.name, ANY) for parameter in program.parameters)
    anything = replace(program, parameters=loose, examples=())
    known = (*enumerate_inputs(program, inputs, 0), *enumerate_inputs(anything, inputs // 2, 0))
    return Pair(program.name, program.entry_point, program.source, pair.variant, known)


def _stands(findings: Findings) -> bool:
    return findings.reason in (EQUAL_CODE, USED_UP, NO_MORE)
