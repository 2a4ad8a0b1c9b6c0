"""Claims about the curves of the archive and of equivalent pairs: what they show, and when."""

import re
from pathlib import Path

from sinq_jax.metrics import Row
from sinq_jax.report import RunFiles
from sinq_jax.report.page import report_page
from sinq_jax.report.variety import archive_charts, equivalent_charts
from tests.observing.small_run import measured

BALANCED = "benchmark/balanced_accuracy"
EVERYTHING = {
    "archive/distinct_per_100": 40.0,
    "archive/novelty": 0.25,
    "archive/over_quota": 0.5,
    "evaluator/balanced_accuracy": 0.6,
    "equivalent/recognised": 0.7,
}


def run_of(*rows: dict[str, float], quota: int = 0) -> RunFiles:
    """A run with one row in each round from 0 on."""
    numbered: list[Row] = [
        {"round": i, "step": 10 * (i + 1), "wall_s": 0.0, **row} for i, row in enumerate(rows)
    ]
    return RunFiles(Path("run"), {"config": {"variety": {"quota": quota}}}, numbered)


def legends(charts: list[str]) -> dict[str, list[str]]:
    """The curves of each chart, by its title."""
    return {
        re.findall("<b>(.*?)</b>", chart)[0]: re.findall(r"</svg>([^<]+)<i>", chart)
        for chart in charts
    }


def test_the_archive_is_shown_with_the_quota_where_one_is_set() -> None:
    rows = ({}, EVERYTHING, EVERYTHING)
    assert legends([*archive_charts(run_of(*rows, quota=2))]) == {
        "Distinct behaviours in 100 variants": ["distinct"],
        "Admitted variants": ["of a new behaviour", "over the quota"],
    }
    assert legends([*archive_charts(run_of(*rows))])["Admitted variants"] == ["of a new behaviour"]


def test_equivalent_pairs_are_shown_held_out_with_intervals_and_in_play() -> None:
    held_out = measured(BALANCED, 0.55, 40, 0.1) | measured("benchmark/recognised", 0.8, 20, 0.1)
    charts = equivalent_charts(run_of(held_out, EVERYTHING, held_out | EVERYTHING), None)
    assert legends([*charts]) == {
        "Balanced accuracy of the evaluator": ["held-out", "in play"],
        "Equivalent pairs that are said to be": ["held-out", "in play"],
    }
    assert all(chart.count("<polygon") == 1 for chart in charts)
    assert "0.550 [0.450, 0.650]" in charts[0]


def test_the_control_arm_is_shown_from_the_end_of_the_warm_start_on() -> None:
    run = run_of(*(measured(BALANCED, value, 40, 0.1) for value in (0.5, 0.6)))
    control = RunFiles(
        Path("control"),
        {},
        [
            {"round": 0, "step": step, "wall_s": 0.0, **measured(BALANCED, value, 40, 0.1)}
            for step, value in ((5, 0.123), (10, 0.456), (20, 0.567))
        ],
    )
    (chart,) = equivalent_charts(run, control)
    assert "control, held-out" in chart
    assert "0.456 [" in chart
    assert "0.123" not in chart


def test_a_run_without_archive_and_equivalent_pairs_shows_neither() -> None:
    bare, control = run_of({"learning/loss": 1.0}), run_of(EVERYTHING)
    assert archive_charts(bare) == equivalent_charts(bare, control) == []
    headings = re.findall("<h2>(.*?)</h2>", report_page(bare))
    assert not {"Variety", "Equivalent pairs"} & {*headings}
    headings = re.findall("<h2>(.*?)</h2>", report_page(control))
    assert {"Variety", "Equivalent pairs"} < {*headings}
