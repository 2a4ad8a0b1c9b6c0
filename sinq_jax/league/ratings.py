"""What players are worth against each other: one number each, with an interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sinq_jax.statistics import Estimate

SPREAD = 3.0
"""Standard deviation, in logits, of the normal prior: it keeps players apart by a finite distance
that never lost or never won, and moves the others little.
"""
STEPS = 50
CLOSE = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ratings:
    """In logits: an answer of evaluator e solves a variant of generator g with the odds
    exp(``abilities[e]`` - ``difficulties[g]``). The mean of the difficulties is 0.
    """

    difficulties: tuple[Estimate, ...]
    abilities: tuple[Estimate, ...]


def rate(solved: Floats, tried: Floats, resamples: int) -> Ratings:
    """The ratings of generators and evaluators, from ``solved`` and ``tried`` float64
    ``[originals, generators, evaluators]``: how many answers there were, and how many diverge.

    Rasch's model, which is Bradley and Terry's of paired comparisons with two kinds of players, by
    maximum likelihood under a weak normal prior, so the most likely ratings. Intervals are 95%
    percentiles over resamples of whole originals. ``n`` is the number of a player's answers, or
    of answers to it. Sources: G. Rasch, "Probabilistic Models for Some Intelligence and Attainment
    Tests" (1960); R. Bradley and M. Terry, "Rank analysis of incomplete block designs",
    Biometrika 39 (1952).
    """
    originals = len(solved)
    best = fitted(solved.sum(0), tried.sum(0))
    rng = np.random.default_rng(0)
    counts = rng.multinomial(originals, np.full(originals, 1 / originals), size=resamples)
    again = [
        fitted(np.tensordot(each, solved, 1), np.tensordot(each, tried, 1))
        for each in counts.astype(np.float64)
    ]
    answers = [tried.sum((0, 2)), tried.sum((0, 1))]
    difficulties, abilities = (
        _estimates(best[side], [each[side] for each in again], answers[side]) for side in (0, 1)
    )
    return Ratings(difficulties, abilities)


def fitted(solved: Floats, tried: Floats) -> tuple[Floats, Floats]:
    """The most likely difficulties float64 ``[generators]`` and abilities ``[evaluators]``, by
    Newton's method on ``solved`` and ``tried`` float64 ``[generators, evaluators]``.
    """
    generators, evaluators = solved.shape
    ratings = np.zeros(generators + evaluators)
    prior = np.eye(len(ratings)) / SPREAD**2
    for _ in range(STEPS):
        odds = ratings[None, generators:] - ratings[:generators, None]
        chance = 1 / (1 + np.exp(-odds))
        surplus = solved - tried * chance
        slope = np.concatenate([-surplus.sum(1), surplus.sum(0)]) - prior @ ratings
        weight = tried * chance * (1 - chance)
        curve = np.block([[np.diag(weight.sum(1)), -weight], [-weight.T, np.diag(weight.sum(0))]])
        step = np.linalg.solve(curve + prior, slope)
        # A whole step may overshoot where nearly all answers fare alike.
        ratings += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < CLOSE:
            break
    ratings -= ratings[:generators].mean()
    return ratings[:generators], ratings[generators:]


def _estimates(best: Floats, again: Sequence[Floats], answers: Floats) -> tuple[Estimate, ...]:
    low, high = np.quantile(np.array(again), [0.025, 0.975], axis=0)
    return tuple(
        Estimate(float(value), float(below), float(above), int(count))
        for value, below, above, count in zip(best, low, high, answers, strict=True)
    )
