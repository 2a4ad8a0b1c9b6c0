"""The closing table: what was measured at the end of the warm start and of play or control."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from sinq_jax.metrics import Row
from sinq_jax.report.run_files import estimate_in
from sinq_jax.report.wording import in_figures, with_interval
from sinq_jax.statistics import Estimate

LAST_ROUNDS = 10
NOTHING = "-"

_BENCHMARK = (
    ("evaluator: held-out success, sampled", "benchmark/success"),
    ("evaluator: held-out success, greedy", "benchmark/greedy"),
    ("evaluator: says equivalent of pairs that are", "benchmark/recognised"),
    ("evaluator: balanced accuracy of the two, sampled", "benchmark/balanced_accuracy"),
    ("evaluator: gain over the end of warm start, paired", "benchmark/gain"),
    ("generator: validity", "benchmark/generator_validity"),
    ("generator: median density of valid variants", "benchmark/generator_density_median"),
)
_STRATA = "benchmark/success_density_"
_IN_PLAY = (
    ("generator: completions that parse", "generator/parse_rate"),
    ("generator: inputs that bind", "generator/bind_rate"),
    ("generator: validity", "generator/validity"),
    ("generator: unstable", "generator/unstable_rate"),
    ("generator: suspect", "generator/suspect_rate"),
    ("generator: duplicates", "generator/duplicate_rate"),
    ("generator: median density of valid variants", "generator/density_median"),
    ("generator: falsely proven, of what the quirky judge admits", "generator/falsely_proven"),
    ("generator: behaviours new to the archive, of the admitted", "archive/novelty"),
    ("generator: distinct behaviours in 100 variants of the archive", "archive/distinct_per_100"),
    ("generator: over the quota, of the admitted", "archive/over_quota"),
    ("difficulty: |target - measured|, in levels", "generator/target_error"),
    ("difficulty: rank correlation of the two", "generator/target_rank_correlation"),
    ("evaluator: solve rate on these variants", "evaluator/solve_rate"),
    ("evaluator: answers that parse", "evaluator/parse_rate"),
    ("evaluator: says equivalent of pairs that are", "equivalent/recognised"),
    ("evaluator: groups that all answers solve", "evaluator/groups_all_solved"),
    ("evaluator: groups that no answer solves", "evaluator/groups_none_solved"),
)


@dataclass(frozen=True)
class Line:
    """A row of the table: what is measured, and its cells; without cells it heads those below."""

    measure: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """The closing table: a head of column names and lines."""

    head: tuple[str, ...]
    lines: tuple[Line, ...]


def closing_table(
    rows: Sequence[Row], *, played: bool = True, control: Sequence[Row] | None = None
) -> Table:
    """Return the table of a run's metrics rows.

    ``played`` is False for the control arm itself; ``control`` adds a column for a control arm.
    Measures that no row holds are left out.
    """
    after = "after play" if played else "after the control"
    head = ("measure", "end of warm start", after, *(["after the control"] if control else []))
    arms = [rows, control] if control else [rows]
    lines = []
    for measure, name in _benchmark_measures(rows):
        cells = (cell(last_of(rows, name, False)), *(cell(last_of(a, name, True)) for a in arms))
        lines.append(Line(measure, cells))
    lines += _in_play(arms)
    return Table(head, tuple(line for line in lines if set(line.cells) != {NOTHING}))


def as_text(table: Table) -> str:
    """Return the table as aligned text without a line end at its end."""
    rows = [table.head, *((line.measure, *line.cells) for line in table.lines)]
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(table.head))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    )


def last_of(rows: Sequence[Row], name: str, after_warm_start: bool) -> Estimate | None:
    """Return the last value of a metric in the warm start (round 0) or after it."""
    for row in reversed(rows):
        if (row["round"] > 0) == after_warm_start and (found := estimate_in(row, name)):
            return found
    return None


def cell(estimate: Estimate | None) -> str:
    """Return an estimate as the table shows it, ``0.412 [0.391, 0.433] n=1600``."""
    if estimate is None:
        return NOTHING
    text = with_interval(estimate)
    return text + (f" n={estimate.n}" if estimate.n else "")


def strata(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return (label, metric name) of each stratum of divergence density, the sparsest first."""
    suffixes = {key.removeprefix(_STRATA) for row in rows for key in row if key.startswith(_STRATA)}
    bounds = sorted((suffix for suffix in suffixes if _is_number(suffix)), key=float)
    return [
        (f"density in ({low}, {high}]", _STRATA + high)
        for low, high in zip(["0", *bounds], bounds, strict=False)
    ]


def _benchmark_measures(rows: Sequence[Row]) -> list[tuple[str, str]]:
    first, *others = _BENCHMARK
    return [first, *((f"  {label}", name) for label, name in strata(rows)), *others]


def _in_play(arms: Sequence[Sequence[Row]]) -> list[Line]:
    """Means over the last rounds of play, a heading before them, and the sandbox's counts."""
    sandbox = sorted({key for row in arms[0] for key in row if key.startswith("sandbox/")})
    lines = []
    for measure, name in _IN_PLAY:
        lines.append(Line(measure, (NOTHING, *(_mean_of_last(rows, name) for rows in arms))))
    for name in sandbox:
        measure = name.replace("/", ": ").replace("_", " ")
        lines.append(Line(measure, (NOTHING, *(cell(last_of(a, name, True)) for a in arms))))
    if all(set(line.cells) == {NOTHING} for line in lines):
        return []
    return [Line(f"means of the last {LAST_ROUNDS} rounds of play"), *lines]


def _mean_of_last(rows: Sequence[Row], name: str) -> str:
    values = [row[name] for row in rows if row["round"] > 0 and row.get(name) is not None]
    return in_figures(fmean(values[-LAST_ROUNDS:])) if values else NOTHING


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
