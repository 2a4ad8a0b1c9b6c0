"""Cross-play as it is kept and shown: matrix, ratings, and what a best response finds."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sinq_jax.report.chart import Series, line_chart
from sinq_jax.report.closing import NOTHING, Line, Table, cell
from sinq_jax.report.html import Markup, element, joined
from sinq_jax.report.run_files import ReportError
from sinq_jax.report.wording import with_interval
from sinq_jax.report.written import write_text
from sinq_jax.statistics import Estimate

FILE_NAME = "crossplay.json"
_RESPONSE = ("current", "fresh", "exploitability")


@dataclass(frozen=True)
class Response:
    """What an evaluator that learned for ``rounds`` rounds to answer the last generator and nothing
    else solves of its variants (``fresh``), what the run's own last evaluator solves of them
    (``current``), and the paired difference, ``exploitability``.
    """

    rounds: int
    current: Estimate
    fresh: Estimate
    exploitability: Estimate


@dataclass(frozen=True)
class Crossplay:
    """Every kept generator against every kept evaluator, on variants of the same held-out
    originals. ``players`` are named by their rounds, ascending, the last ones among them.

    ``matrix[g][e]`` is the share of evaluator e's answers to generator g's variants that diverge;
    ``validity[g]`` is over all that g wrote. Ratings are in logits: an answer solves with the odds
    exp(``abilities[e]`` - ``difficulties[g]``). ``response`` is None where none was trained, or the
    last generator wrote nothing to answer.
    """

    players: tuple[int, ...]
    validity: tuple[Estimate, ...]
    matrix: tuple[tuple[Estimate, ...], ...]
    difficulties: tuple[Estimate, ...]
    abilities: tuple[Estimate, ...]
    response: Response | None = None


def write_crossplay(workdir: Path, found: Crossplay) -> None:
    """Writes ``crossplay.json`` in one step; ReportError when the disk refuses."""
    plain = {
        "players": found.players,
        "validity": [*map(_plain, found.validity)],
        "matrix": [[*map(_plain, row)] for row in found.matrix],
        "difficulties": [*map(_plain, found.difficulties)],
        "abilities": [*map(_plain, found.abilities)],
        "response": found.response
        and {
            "rounds": found.response.rounds,
            **{name: _plain(getattr(found.response, name)) for name in _RESPONSE},
        },
    }
    write_text(workdir / FILE_NAME, json.dumps(plain, indent=1, allow_nan=False) + "\n")


def read_crossplay(workdir: Path) -> Crossplay | None:
    """What the job ``crossplay`` left in a workdir; None where it was never run.

    Raises ReportError for a damaged file.
    """
    path = workdir / FILE_NAME
    if not path.exists():
        return None
    try:
        return _built(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ReportError(
            f"{path}: expected what --job=crossplay writes, got something else "
            f"({type(error).__name__}); run that job again"
        ) from error


def _built(plain: Any) -> Crossplay:
    response = plain["response"]
    return Crossplay(
        players=tuple(plain["players"]),
        validity=tuple(map(_estimate, plain["validity"])),
        matrix=tuple(tuple(map(_estimate, row)) for row in plain["matrix"]),
        difficulties=tuple(map(_estimate, plain["difficulties"])),
        abilities=tuple(map(_estimate, plain["abilities"])),
        response=response
        and Response(response["rounds"], *(_estimate(response[name]) for name in _RESPONSE)),
    )


def _plain(estimate: Estimate) -> list[float | None]:
    bounds = (estimate.value, estimate.low, estimate.high)
    return [*(each if math.isfinite(each) else None for each in bounds), estimate.n]


def _estimate(plain: Any) -> Estimate:
    *bounds, n = plain
    value, low, high = (math.nan if each is None else float(each) for each in bounds)
    return Estimate(value, low, high, int(n))


def crossplay_sections(workdir: Path, whose: str = "") -> list[Markup]:
    """The sections of a page that show it; none where there is nothing to show."""
    found = read_crossplay(workdir)
    if found is None:
        return []
    ending = f": {whose}" if whose else ""
    chart = _ratings(found)
    return [
        element(
            "section",
            element("h2", f"Cross-play{ending}"),
            element(
                "p",
                "Share of an evaluator's answers (columns) that solve a generator's variants "
                "(rows) of the same held-out originals; 95% intervals resample originals. Players "
                "are named by their rounds.",
            ),
            element("div", _matrix(found), class_="wide"),
            element("div", chart, class_="grid") if chart else None,
            element("p", response_told(found.response)),
        )
    ]


def response_told(response: Response | None) -> str:
    """What a best response showed, in a sentence or two."""
    if response is None:
        return (
            "No best response to the last generator: none was asked for, or nothing that it wrote "
            "of these originals was admitted."
        )
    gap = response.exploitability
    meaning = "0 lies inside, so none is shown" if gap.low <= 0 <= gap.high else "0 lies outside"
    return (
        f"Exploitability: an evaluator from the end of the warm start that learned for "
        f"{response.rounds} rounds to answer the last generator alone solves "
        f"{with_interval(response.fresh)} of its variants, the run's own last evaluator "
        f"{with_interval(response.current)}: {gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}] "
        f"over the same variants ({meaning}). A longer response might find more."
    )


def crossplay_table(found: Crossplay) -> Table:
    """The matrix and the ratings, a line for each generator and one for the evaluators."""
    named = [*map(_named, found.players)]
    lines = [
        Line(named[place], tuple(map(_shown, (found.validity[place], *row, rating))))
        for place, (row, rating) in enumerate(zip(found.matrix, found.difficulties, strict=True))
    ]
    abilities = Line("rating (evaluator)", (NOTHING, *map(_shown, found.abilities), NOTHING))
    return Table(("generator", "validity", *named, "rating (generator)"), (*lines, abilities))


def _shown(estimate: Estimate) -> str:
    return cell(estimate) if estimate.n else NOTHING


def _matrix(found: Crossplay) -> Markup:
    heads = [element("th", text) for text in ("generator", "valid", *map(_named, found.players))]
    rows = [
        element("tr", element("th", _named(number)), _cell(found.validity[place]), cells)
        for place, number in enumerate(found.players)
        for cells in [[_cell(each, shaded=True) for each in found.matrix[place]]]
    ]
    return element("table", element("thead", element("tr", heads)), element("tbody", rows))


def _cell(estimate: Estimate, shaded: bool = False) -> Markup:
    if not estimate.n:
        return element("td", NOTHING, class_="number")
    share = round(100 * min(max(estimate.value, 0.0), 1.0) * 0.7)
    look = f"background: color-mix(in srgb, var(--evaluator) {share}%, transparent)"
    shown = joined(with_interval(estimate), element("small", f" n={estimate.n}"))
    return element("td", shown, class_="number", style=look if shaded else None)


def _ratings(found: Crossplay) -> Markup | None:
    series = [
        Series("evaluator: ability", "evaluator", _points(found.players, found.abilities)),
        Series("generator: difficulty", "generator", _points(found.players, found.difficulties)),
    ]
    return line_chart(
        "Ratings",
        series,
        x_label="round",
        note="logits: an answer solves with odds exp(ability - difficulty)",
    )


def _points(numbers: Sequence[int], ratings: Sequence[Estimate]) -> list[tuple[float, Estimate]]:
    return [(float(at), each) for at, each in zip(numbers, ratings, strict=True) if each.n]


def _named(number: int) -> str:
    return f"round {number}"
