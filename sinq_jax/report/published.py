"""Published benchmarks as they are kept and shown: figures of each checkpoint, and comparisons."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sinq_jax.report.html import Markup, element, joined
from sinq_jax.report.run_files import ReportError
from sinq_jax.report.written import write_text

FOLDER, FILE_NAME = "benchmarks", "results.json"


@dataclass(frozen=True)
class Rows:
    """A table as text: its head, and rows as long as that."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Results:
    """What one checkpoint got: ``model`` and ``round`` (None: a checkpoint that no run made) say
    which, ``comparison`` is with ``against`` (both None: with none), ``seconds`` what each
    benchmark took, and ``values`` the figures as numbers, for programs that read them.
    """

    model: str
    round: int | None
    figures: Rows
    against: str | None
    comparison: Rows | None
    seconds: dict[str, float]
    values: tuple[dict[str, Any], ...]


def write_results(folder: Path, results: Results) -> Path:
    """Writes ``results.json`` into the folder in one step and returns its path; ReportError when
    the disk refuses.
    """
    path = folder / FILE_NAME
    write_text(path, json.dumps(asdict(results), indent=1, allow_nan=False) + "\n")
    return path


def read_results(workdir: Path) -> list[Results]:
    """What was measured of each checkpoint of a run, in the order of rounds.

    Raises ReportError for a damaged file.
    """
    found = [_read(path) for path in (workdir / FOLDER).glob(f"*/{FILE_NAME}")]
    return sorted(found, key=lambda each: (each.round is not None, each.round or 0, each.model))


def _read(path: Path) -> Results:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return Results(
            model=plain["model"],
            round=plain["round"],
            figures=_rows(plain["figures"]),
            against=plain["against"],
            comparison=plain["comparison"] and _rows(plain["comparison"]),
            seconds=dict(plain["seconds"]),
            values=tuple(plain["values"]),
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ReportError(
            f"{path}: expected what --job=benchmark writes, got something else "
            f"({type(error).__name__}); run that job again"
        ) from error


def _rows(plain: Any) -> Rows:
    return Rows(tuple(plain["head"]), tuple(tuple(row) for row in plain["rows"]))


def benchmark_sections(workdir: Path) -> list[Markup]:
    """The section of a page that shows them; none where nothing was measured."""
    found = read_results(workdir)
    if not found:
        return []
    return [
        element(
            "section",
            element("h2", "Published benchmarks"),
            element(
                "p",
                "95% intervals resample items. A comparison is over the same items: better or "
                "worse is said where McNemar's test, or the interval of the paired difference, "
                "shows it.",
            ),
            joined(*(part for each in found for part in _shown(each))),
        )
    ]


def _shown(results: Results) -> list[Markup]:
    where = results.model if results.round is None else f"After round {results.round}"
    parts = [element("h3", where), element("div", _table(results.figures), class_="wide")]
    if results.comparison is not None:
        parts.append(element("p", f"Compared with {results.against}:"))
        parts.append(element("div", _table(results.comparison), class_="wide"))
    spent = ", ".join(f"{name} {s:,.0f} s" for name, s in results.seconds.items())
    parts.append(element("p", f"Time: {spent}.", class_="facts"))
    return parts


def _table(rows: Rows) -> Markup:
    return element(
        "table",
        element("thead", element("tr", _cells("th", rows.head))),
        element("tbody", [element("tr", _cells("td", row)) for row in rows.rows]),
    )


def _cells(kind: str, texts: Sequence[str]) -> list[Markup]:
    return [
        element(kind, text, class_="number" if place > 1 else None)
        for place, text in enumerate(texts)
    ]
