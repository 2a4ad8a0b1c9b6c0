"""Which curves a report shows, and where their numbers come from."""

from collections.abc import Callable, Hashable, Sequence
from itertools import cycle, groupby
from statistics import fmean, quantiles

from sinq_jax.game.store import Entry
from sinq_jax.report.chart import Point, Series, WarmStart, line_chart
from sinq_jax.report.closing import strata
from sinq_jax.report.html import Markup
from sinq_jax.report.run_files import Measured, RunFiles
from sinq_jax.statistics import Estimate, clustered_rate

BINS = 24
_STRATUM_LOOKS = ("deep", "middle", "light", "other")


def benchmark_charts(run: RunFiles, control: RunFiles | None) -> list[Markup]:
    """Return the held-out measurements over optimizer steps, with the control arm where given."""
    warm_start = warm_start_of(run)
    charts = []
    for title, note, names in _benchmark_plan(run):
        series = [Series(label, look, over_steps(run.series(name))) for label, look, name in names]
        if control and len(names) <= 2:  # strata would be too many curves
            label, _, name = names[0]
            points = from_play_on(over_steps(control.series(name)), warm_start)
            series.append(Series(f"control, {label}", "control", points))
        charts.append(line_chart(title, series, x_label="step", note=note, warm_start=warm_start))
    return [chart for chart in charts if chart]


def play_charts(entries: Sequence[Entry]) -> list[Markup]:
    """Return what the games of play show over rounds, counted anew from the stored games."""
    binned = bins_of_rounds(entries)

    def curve(estimate: Callable[[list[Entry]], Estimate | None]) -> list[Point]:
        found = [(fmean(entry.round for entry in group), estimate(group)) for group in binned]
        return [(x, value) for x, value in found if value]

    plan = [
        ("Validity of variants", "all completions", "valid", "generator", validity),
        ("Divergence density", "valid variants; band: quartiles", "median", "generator", density),
        ("Solve rate", "answers to valid variants", "solved", "evaluator", solve_rate),
        ("Groups without contrast", "all or no answers solve", "share", "evaluator", no_contrast),
    ]
    charts = [
        line_chart(title, [Series(label, look, curve(estimate))], x_label="round", note=note)
        for title, note, label, look, estimate in plan
    ]
    return [chart for chart in charts if chart]


def bins_of_rounds(entries: Sequence[Entry], most: int = BINS) -> list[list[Entry]]:
    """Return entries in at most ``most`` groups of consecutive rounds, equally many rounds each."""
    rounds = [list(group) for _, group in groupby(entries, key=lambda entry: entry.round)]
    size = -(-len(rounds) // most) or 1
    return [
        [entry for group in rounds[start : start + size] for entry in group]
        for start in range(0, len(rounds), size)
    ]


def warm_start_of(run: RunFiles) -> WarmStart | None:
    """Return the last step of the warm start (round 0) and what followed, None without one."""
    steps = [row["step"] for row in run.rows if row["round"] == 0]
    return WarmStart(max(steps), "play" if run.played else "control") if steps else None


def from_play_on(points: Sequence[Point], warm_start: WarmStart | None) -> list[Point]:
    """Return the points from the end of the warm start on, which a control arm has in common."""
    return [(x, found) for x, found in points if not warm_start or x >= warm_start.until]


def validity(entries: list[Entry]) -> Estimate | None:
    """Return the share of admitted variants among all completions, programs as clusters."""
    return _rate(entries, lambda entry: float(entry.verdict == "diverges"))


def solve_rate(entries: list[Entry]) -> Estimate | None:
    """Return the mean of s / n over valid variants that were answered, by programs."""
    answered = [entry for entry in entries if entry.measured]
    return _rate(answered, lambda entry: entry.solved / entry.answers)


def no_contrast(entries: list[Entry]) -> Estimate | None:
    """Return the share of answered valid variants that all or no answers solve."""
    answered = [entry for entry in entries if entry.measured]
    return _rate(answered, lambda entry: float(entry.solved in (0, entry.answers)))


def density(entries: list[Entry]) -> Estimate | None:
    """Return the median divergence density of valid variants, with the quartiles as bounds."""
    valid = [entry for entry in entries if entry.verdict == "diverges"]
    values = [pair[0] / pair[1] for entry in valid if (pair := entry.density) and pair[1]]
    if len(values) < 2:
        return Estimate(values[0], values[0], values[0], 1) if values else None
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return Estimate(middle, low, high, len(values))


def _benchmark_plan(run: RunFiles) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Titles, notes, and (label, look, metric) of the curves in each chart."""
    sampled = ("sampled", "evaluator", "benchmark/success")
    looks = cycle(_STRATUM_LOOKS)
    return [
        (
            "Held-out success of the evaluator",
            "95% intervals",
            [sampled, ("greedy", "light", "benchmark/greedy")],
        ),
        (
            "The same by divergence density",
            "sampled; sparse is hard",
            [
                (label, look, name)
                for (label, name), look in zip(strata(run.rows), looks, strict=False)
            ],
        ),
        (
            "Validity of the generator",
            "on held-out originals",
            [("valid", "generator", "benchmark/generator_validity")],
        ),
        (
            "Divergence density of its valid variants",
            "lower is subtler",
            [("median", "generator", "benchmark/generator_density_median")],
        ),
    ]


def over_steps(series: Sequence[Measured]) -> list[Point]:
    """Return measurements as points over optimizer steps."""
    return [(one.step, one.estimate) for one in series]


def _rate(entries: list[Entry], of: Callable[[Entry], float]) -> Estimate | None:
    if not entries:
        return None
    clusters: list[Hashable] = [entry.program for entry in entries]
    return clustered_rate([of(entry) for entry in entries], clusters, resamples=400)
