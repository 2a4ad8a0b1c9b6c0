"""Curves of how the players learned and how fast the run went, thinned by averaging."""

from collections.abc import Sequence
from itertools import cycle
from statistics import fmean

from sinq_jax.report.chart import Point, Series, line_chart
from sinq_jax.report.curves import over_steps, warm_start_of
from sinq_jax.report.html import Markup
from sinq_jax.report.run_files import RunFiles
from sinq_jax.statistics import Estimate

LONGEST_CURVE = 160

_CHARTS = (
    ("Loss", "", ("learning", "warm_start"), "loss"),
    ("Entropy", "nats per token", ("learning", "warm_start"), "entropy"),
    ("Gradient norm", "before clipping", ("learning", "warm_start"), "grad_norm"),
    ("Log-probability gap", "sampler against trainer", ("learning",), "logprob_gap"),
    ("Divergence from the reference", "nats per token", ("learning",), "kl"),
    ("Tokens at a bound or cap", "share", ("learning",), "cut"),
    ("Learning rate", "", ("learning", "warm_start"), "rate"),
    ("Rewards", "mean of a round", ("generator", "evaluator"), "reward"),
    ("Completions that parse", "", ("generator", "evaluator"), "parse_rate"),
    ("Sampled tokens per second", "", ("time",), "tokens_per_s"),
    ("Checks per second", "", ("time",), "checks_per_s"),
)
_LOOKS = {
    "evaluator": ("evaluator", "light", "deep"),
    "generator": ("generator", "sand"),
    "": ("middle", "other", "deep", "light"),
}


def learning_charts(run: RunFiles) -> list[Markup]:
    """Return a chart for each kind of metric that the run wrote, a curve for each of its names.

    The kind is the last part of a name: ``learning/evaluator_policy_loss`` is a curve
    "evaluator policy" in the chart of losses.
    """
    names = sorted({key for row in run.rows for key in row if "/" in key})
    warm_start = warm_start_of(run)
    charts = []
    for title, note, groups, kind in _CHARTS:
        chosen = [name for name in names if _is_of(name, groups, kind)]
        charts.append(
            line_chart(
                title,
                [
                    Series(label, look, thinned(over_steps(run.series(name))))
                    for name, label, look in _labelled(chosen, groups, kind)
                ],
                x_label="step",
                note=note,
                warm_start=warm_start,
            )
        )
    return [chart for chart in charts if chart]


def thinned(points: Sequence[Point], most: int = LONGEST_CURVE) -> list[Point]:
    """Return at most ``most`` points, each the mean of neighbours."""
    size = -(-len(points) // most)
    if size <= 1:
        return list(points)
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [(fmean(x for x, _ in group), _mean(group)) for group in groups]


def _mean(group: Sequence[Point]) -> Estimate:
    value = fmean(estimate.value for _, estimate in group)
    return Estimate(value, float("nan"), float("nan"), len(group))


def _is_of(name: str, groups: Sequence[str], kind: str) -> bool:
    group, _, rest = name.partition("/")
    return group in groups and (rest == kind or rest.endswith(f"_{kind}"))


def _labelled(names: Sequence[str], groups: Sequence[str], kind: str) -> list[tuple[str, str, str]]:
    """Metric names with labels, and looks by the player they tell of."""
    looks = {role: cycle(look) for role, look in _LOOKS.items()}
    labelled = []
    for name in names:
        group, _, rest = name.partition("/")
        stem = rest.removesuffix(kind).strip("_")
        label = (stem or (group if len(groups) > 1 else kind)).replace("_", " ")
        role = label.partition(" ")[0]
        labelled.append((name, label, next(looks[role if role in looks else ""])))
    return labelled
