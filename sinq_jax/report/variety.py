"""Curves of what holds players to many ideas: the archive of variants, and equivalent pairs."""

from sinq_jax.report.chart import Series, line_chart
from sinq_jax.report.curves import from_play_on, over_steps, warm_start_of
from sinq_jax.report.html import Markup
from sinq_jax.report.learning import thinned
from sinq_jax.report.run_files import RunFiles

_EQUIVALENT = (
    (
        "Balanced accuracy of the evaluator",
        "pairs that differ and pairs that do not",
        "benchmark/balanced_accuracy",
        "evaluator/balanced_accuracy",
    ),
    (
        "Equivalent pairs that are said to be",
        "share of answers",
        "benchmark/recognised",
        "equivalent/recognised",
    ),
)


def archive_charts(run: RunFiles) -> list[Markup]:
    """Return what the archive says after each round, over optimizer steps; none without one. What
    is over the quota is shown where a quota is set.
    """

    def curve(label: str, look: str, name: str) -> Series:
        return Series(label, look, thinned(over_steps(run.series(name))))

    distinct = curve("distinct", "generator", "archive/distinct_per_100")
    shares = [curve("of a new behaviour", "generator", "archive/novelty")]
    if run.config.get("variety", {}).get("quota"):
        shares.append(curve("over the quota", "sand", "archive/over_quota"))
    charts = [
        line_chart(
            "Distinct behaviours in 100 variants",
            [distinct],
            x_label="step",
            note="all that the archive holds",
        ),
        line_chart("Admitted variants", shares, x_label="step", note="shares of a round's"),
    ]
    return [chart for chart in charts if chart]


def equivalent_charts(run: RunFiles, control: RunFiles | None) -> list[Markup]:
    """Return how the evaluator fares with equivalent pairs, held-out ones (with 95% intervals) and
    those of play, beside the control arm where given; none for a run that asks about none.
    """
    warm_start, charts = warm_start_of(run), []
    for title, note, held_out, in_play in _EQUIVALENT:
        series = [
            Series("held-out", "evaluator", over_steps(run.series(held_out))),
            Series("in play", "light", thinned(over_steps(run.series(in_play)))),
        ]
        if control and any(one.points for one in series):
            points = from_play_on(over_steps(control.series(held_out)), warm_start)
            series.append(Series("control, held-out", "control", points))
        charts.append(line_chart(title, series, x_label="step", note=note, warm_start=warm_start))
    return [chart for chart in charts if chart]
