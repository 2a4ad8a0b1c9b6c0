"""Curves of a comparison: one for each arm, its mean over seeds with an interval."""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle
from statistics import fmean

from sinq_jax.compare.arms import Arm
from sinq_jax.compare.significance import mean_over_seeds
from sinq_jax.report.chart import Point, Series, WarmStart, line_chart
from sinq_jax.report.closing import Line, Table, cell
from sinq_jax.report.html import Markup
from sinq_jax.report.run_files import Measured
from sinq_jax.statistics import Estimate

CURVES = (
    ("Held-out success of the evaluator", "benchmark/success"),
    ("The same, greedy", "benchmark/greedy"),
    ("Validity of the generator, held-out originals", "benchmark/generator_validity"),
    ("Divergence density of its valid variants", "benchmark/generator_density_median"),
)
IN_PLAY = (
    ("Falsely proven, of the variants admitted in play", "generator/falsely_proven"),
    ("Suspect, of all variants of play", "generator/suspect_rate"),
    ("Solve rate of the evaluator on the variants of play", "evaluator/solve_rate"),
)
STRETCHES = 10
"""Into how many parts play is divided where each round alone would be noise."""
_LOOKS = ("evaluator", "generator", "deep", "other", "light", "middle")


def arm_charts(arms: Sequence[Arm]) -> list[Markup]:
    """The charts of what is measured on held-out programs, and in play, over optimizer steps."""
    looks = cycle(_LOOKS)
    look = {arm.label: "control" if arm.control else next(looks) for arm in arms}
    warm = {run.warm.step for arm in arms for run in arm.runs.values()}
    shaded = WarmStart(warm.pop(), "play or control") if len(warm) == 1 else None
    charts = [
        line_chart(
            title,
            [Series(arm.label, look[arm.label], curve(arm, name)) for arm in arms],
            x_label="step",
            note=note,
            warm_start=shaded if curve is points else None,
        )
        for curve, note, titles in (
            (points, "mean over seeds; 95% intervals over seeds, or of the one seed", CURVES),
            (in_play, f"mean over seeds, in {STRETCHES} stretches of rounds", IN_PLAY),
        )
        for title, name in titles
    ]
    return [chart for chart in charts if chart]


def success_table(arms: Sequence[Arm]) -> Table:
    """The first chart as numbers: a line for each step at which an arm was measured."""
    curves = [points(arm, CURVES[0][1]) for arm in arms]
    return _in_numbers("held-out success, mean over seeds", "step", arms, curves)


def harvest_table(arms: Sequence[Arm]) -> Table | None:
    """How much of what a quirky judge admits is falsely proven, stretch by stretch; None where no
    arm was paid by one.
    """
    curves = [in_play(arm, IN_PLAY[0][1]) for arm in arms]
    if not any(curves):
        return None
    title = "falsely proven, of what is admitted, mean over seeds"
    return _in_numbers(title, "up to step", arms, curves)


def _in_numbers(
    title: str, at: str, arms: Sequence[Arm], curves: Sequence[Sequence[Point]]
) -> Table:
    found = [dict(curve) for curve in curves]
    lines = [
        Line(f"{at} {step:,.0f}", tuple(cell(curve.get(step)) for curve in found))
        for step in sorted({step for curve in found for step in curve})
    ]
    return Table((title, *(arm.label for arm in arms)), tuple(lines))


def points(arm: Arm, name: str) -> list[Point]:
    """The mean of a metric over the seeds of an arm, at every step at which all of them have it."""
    at: dict[int, list[Estimate]] = defaultdict(list)
    for run in arm.runs.values():
        for each in {each.step: each for each in run.files.series(name)}.values():
            at[each.step].append(each.estimate)
    return [
        (step, _mean(found)) for step, found in sorted(at.items()) if len(found) == len(arm.runs)
    ]


def in_play(arm: Arm, name: str) -> list[Point]:
    """The mean over the seeds of an arm of a metric of play in each of ``STRETCHES`` parts of its
    rounds, at the last step of the part; those that every seed has.
    """
    at: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for run in arm.runs.values():
        parts: dict[int, list[Measured]] = defaultdict(list)
        for each in run.files.series(name):
            if each.round > 0:
                parts[(each.round - 1) * STRETCHES // run.last.round].append(each)
        for place, some in parts.items():
            value = fmean(each.estimate.value for each in some)
            at[place].append((max(each.step for each in some), value))
    return [
        (max(step for step, _ in found), mean_over_seeds([value for _, value in found]))
        for _, found in sorted(at.items())
        if len(found) == len(arm.runs)
    ]


def _mean(found: Sequence[Estimate]) -> Estimate:
    """Over seeds; a single one keeps the interval that its benchmark gave it."""
    if len(found) == 1:
        return found[0]
    mean = mean_over_seeds([each.value for each in found])
    return mean if not math.isnan(mean.value) else found[0]
