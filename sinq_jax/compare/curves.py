"""Curves of a comparison: one for each arm, its mean over seeds with an interval."""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle

from sinq_jax.compare.arms import Arm
from sinq_jax.compare.significance import mean_over_seeds
from sinq_jax.report.chart import Point, Series, WarmStart, line_chart
from sinq_jax.report.closing import Line, Table, cell
from sinq_jax.report.html import Markup
from sinq_jax.statistics import Estimate

CURVES = (
    ("Held-out success of the evaluator", "benchmark/success"),
    ("The same, greedy", "benchmark/greedy"),
    ("Validity of the generator, held-out originals", "benchmark/generator_validity"),
    ("Divergence density of its valid variants", "benchmark/generator_density_median"),
)
_LOOKS = ("evaluator", "generator", "deep", "other", "light", "middle")


def arm_charts(arms: Sequence[Arm]) -> list[Markup]:
    """The charts of what is measured on held-out programs, over optimizer steps."""
    looks = cycle(_LOOKS)
    look = {arm.label: "control" if arm.control else next(looks) for arm in arms}
    warm = {run.warm.step for arm in arms for run in arm.runs.values()}
    shaded = WarmStart(warm.pop(), "play or control") if len(warm) == 1 else None
    charts = [
        line_chart(
            title,
            [Series(arm.label, look[arm.label], points(arm, name)) for arm in arms],
            x_label="step",
            note="mean over seeds; 95% intervals over seeds, or of the one seed",
            warm_start=shaded,
        )
        for title, name in CURVES
    ]
    return [chart for chart in charts if chart]


def success_table(arms: Sequence[Arm]) -> Table:
    """The first chart as numbers: a line for each step at which an arm was measured."""
    curves = [dict(points(arm, CURVES[0][1])) for arm in arms]
    lines = [
        Line(f"step {step:,.0f}", tuple(cell(curve.get(step)) for curve in curves))
        for step in sorted({step for curve in curves for step in curve})
    ]
    return Table(("held-out success, mean over seeds", *(arm.label for arm in arms)), tuple(lines))


def points(arm: Arm, name: str) -> list[Point]:
    """The mean of a metric over the seeds of an arm, at every step at which all of them have it."""
    at: dict[int, list[Estimate]] = defaultdict(list)
    for run in arm.runs.values():
        for each in {each.step: each for each in run.files.series(name)}.values():
            at[each.step].append(each.estimate)
    return [
        (step, _mean(found)) for step, found in sorted(at.items()) if len(found) == len(arm.runs)
    ]


def _mean(found: Sequence[Estimate]) -> Estimate:
    """Over seeds; a single one keeps the interval that its benchmark gave it."""
    if len(found) == 1:
        return found[0]
    mean = mean_over_seeds([each.value for each in found])
    return mean if not math.isnan(mean.value) else found[0]
