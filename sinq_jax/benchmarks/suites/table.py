"""Figures and comparisons as tables of texts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sinq_jax.benchmarks.suites.comparison import Paired
from sinq_jax.benchmarks.suites.figures import Figure
from sinq_jax.statistics import Estimate

_FIGURES = ("benchmark", "figure", "value [95% interval]", "items", "completions")
_COUNTS = ("unread", "truncated", "refused", "cut", "seen in training")
_PAIRED = ("benchmark", "figure", "items", "before", "after", "difference [95% interval]")
_TESTED = ("gained / lost", "p (McNemar)", "verdict")


@dataclass(frozen=True)
class Table:
    """``head``, and ``rows`` as long as it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table in Markdown."""
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def figures_table(figures: Sequence[Figure]) -> Table:
    """Return one row for each figure."""
    rows = tuple(
        (
            each.benchmark,
            each.name,
            _interval(each.estimate),
            f"{each.estimate.n:,}",
            f"{each.completions:,}" if each.completions else "-",
            *(f"{count:,}" for count in (each.unread, each.truncated, each.refused, each.cut)),
            "not looked for" if each.seen is None else f"{each.seen:,}",
        )
        for each in figures
    )
    return Table((*_FIGURES, *_COUNTS), rows)


def comparison_table(pairs: Sequence[Paired]) -> Table:
    """Return one row for each figure that was compared."""
    rows = tuple(
        (
            each.benchmark,
            each.name,
            f"{each.difference.n:,}",
            f"{each.before:.4f}",
            f"{each.after:.4f}",
            _interval(each.difference, sign="+"),
            "-" if each.p is None else f"{each.gained} / {each.lost}",
            "-" if each.p is None else f"{each.p:.4f}",
            each.verdict,
        )
        for each in pairs
    )
    return Table((*_PAIRED, *_TESTED), rows)


def _interval(estimate: Estimate, sign: str = "") -> str:
    value, low, high = (
        f"{number:{sign}.4f}" for number in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} [{low}, {high}]"
