"""Curves of published benchmarks: over the rounds of a run, and pass@k over k."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sinq_jax.report.chart import Point, Series, line_chart
from sinq_jax.report.html import Markup
from sinq_jax.report.published import Results
from sinq_jax.statistics import Estimate

_PASS = re.compile(r"pass@(\d+)(.*)")
FEWEST = 3
"""Points that make a curve of k."""


def benchmark_curves(found: Sequence[Results]) -> list[Markup]:
    """The first figure of each benchmark over rounds, where it was measured after several, and
    pass@k of the first and last checkpoint, where there are enough k.
    """
    return [chart for chart in (*_over_rounds(found), *_over_k(found)) if chart]


def _over_rounds(found: Sequence[Results]) -> Iterator[Markup | None]:
    points: dict[tuple[str, str], list[Point]] = {}
    for results in found:
        for value in _first_figures(results) if results.round is not None else ():
            key = value["benchmark"], value["name"]
            points.setdefault(key, []).append((float(results.round or 0), _estimate(value)))
    for (benchmark, name), measured in points.items():
        if len(measured) > 1:
            yield line_chart(benchmark, [Series(name, "evaluator", measured)], x_label="round")


def _first_figures(results: Results) -> list[Mapping[str, Any]]:
    firsts: dict[str, Mapping[str, Any]] = {}
    for value in results.values:
        firsts.setdefault(value["benchmark"], value)
    return [*firsts.values()]


def _over_k(found: Sequence[Results]) -> Iterator[Markup | None]:
    ends = [(found[-1], "evaluator")] if found else []
    if len(found) > 1:
        ends.insert(0, (found[0], "light"))
    curves: dict[tuple[str, str], list[Series]] = {}
    for results, look in ends:
        for key, points in _passes(results).items():
            label = results.model if results.round is None else f"round {results.round}"
            if len(points) >= FEWEST:
                curves.setdefault(key, []).append(Series(label, look, points))
    for (benchmark, part), series in curves.items():
        yield line_chart(f"{benchmark}: pass@k{part}", series, x_label="k")


def _passes(results: Results) -> dict[tuple[str, str], list[Point]]:
    points: dict[tuple[str, str], list[Point]] = {}
    for value in results.values:
        match = _PASS.fullmatch(value["name"])
        if match:
            key = value["benchmark"], match[2]
            points.setdefault(key, []).append((float(match[1]), _estimate(value)))
    return points


def _estimate(value: Mapping[str, Any]) -> Estimate:
    return Estimate(**value["estimate"])
