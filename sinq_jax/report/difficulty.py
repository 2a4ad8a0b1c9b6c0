"""Figures of difficulty: how many answers solved a variant, by rounds and against the target."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby, product

from sinq_jax.game.difficulty import level
from sinq_jax.game.store import Entry
from sinq_jax.report.curves import bins_of_rounds
from sinq_jax.report.html import Markup, element
from sinq_jax.report.wording import share_of
from sinq_jax.statistics import cluster_bootstrap, spearman

WIDTH, LEFT, TOP, ROW, GAP = 460, 64, 22, 17, 6
ALL = "all"
TALLEST_CHOICE = 16


def solved_by_round(entries: Sequence[Entry]) -> Markup | None:
    """Return a strip with a column per group of rounds: how many answers solved each variant.

    Rows are s of n where every variant got the same number n of answers, else difficulty levels.
    """
    answered = [entry for entry in entries if entry.measured]
    if not answered:
        return None
    rows, row_of = _rows(answered)
    columns = [
        (_rounds(group), Counter(row_of[id(entry)] for entry in group))
        for group in bins_of_rounds(answered)
    ]
    if len(columns) > 1:
        columns.append((ALL, Counter(row_of[id(entry)] for entry in answered)))
    return _strip(
        "Answers that solve a variant",
        "hardest on top",
        rows,
        columns,
        "round",
    )


def target_against_measured(entries: Sequence[Entry]) -> Markup | None:
    """Return a matrix of the difficulty asked for against the one measured, a column per target."""
    answered = [entry for entry in entries if entry.measured]
    if not answered:
        return None
    answered.sort(key=lambda entry: entry.target)
    columns = [
        (str(target), Counter(10 - level(entry.solved, entry.answers) for entry in group))
        for target, group in groupby(answered, key=lambda entry: entry.target)
    ]
    rows = [str(10 - place) for place in range(11)]
    return _strip(
        "Measured difficulty by target", "share of each column", rows, columns, "target difficulty"
    )


def target_in_words(entries: Sequence[Entry]) -> str | None:
    """Return the error and the rank correlation of target and measured difficulty, with n."""
    answered = [entry for entry in entries if entry.measured]
    if not answered:
        return None
    targets = [entry.target for entry in answered]
    measured = [level(entry.solved, entry.answers) for entry in answered]
    errors = [abs(a - b) for a, b in zip(targets, measured, strict=True)]
    error = cluster_bootstrap(errors, [entry.program for entry in answered])
    chance = _error_by_chance(targets, measured)
    correlation = spearman(targets, measured)
    known = "not defined" if correlation != correlation else f"{correlation:.3f}"
    return (
        f"Target and measured level are {error.value:.2f} levels apart on average "
        f"[{error.low:.2f}, {error.high:.2f}] over {error.n:,} answered variants "
        f"({chance:.2f} if targets meant nothing); their rank correlation is {known}."
    )


def _error_by_chance(targets: Sequence[int], measured: Sequence[int]) -> float:
    """The mean distance of every target to every measured level, as if they were unrelated."""
    pairs = product(Counter(targets).items(), Counter(measured).items())
    return sum(m * n * abs(a - b) for (a, m), (b, n) in pairs) / len(targets) ** 2


def _rows(answered: Sequence[Entry]) -> tuple[list[str], dict[int, int]]:
    """Row labels from the hardest down, and the row of each entry by its id."""
    counts = {entry.answers for entry in answered}
    n = max(counts)
    if len(counts) == 1 and n <= TALLEST_CHOICE:
        return [f"{s} of {n}" for s in range(n + 1)], {id(e): e.solved for e in answered}
    labels = [f"level {10 - place}" for place in range(11)]
    return labels, {id(e): 10 - level(e.solved, e.answers) for e in answered}


def _rounds(group: Sequence[Entry]) -> str:
    first, last = group[0].round, group[-1].round
    return str(first) if first == last else f"{first}-{last}"


def _strip(
    title: str,
    note: str,
    rows: Sequence[str],
    columns: Sequence[tuple[str, Counter[int]]],
    x_label: str,
) -> Markup:
    """A grid of cells, darker where more of the column lies, with row labels and column names."""
    height = TOP + ROW * len(rows) + 34
    wide = min((WIDTH - LEFT - 12 - GAP) / len(columns), 60)
    lefts = [LEFT + wide * i + (GAP if name == ALL else 0) for i, (name, _) in enumerate(columns)]
    labels = [
        element("text", row, x=LEFT - 8, y=TOP + ROW * place + 12, text_anchor="end")
        for place, row in enumerate(rows)
    ]
    names = [
        element(
            "text",
            name.partition("-")[0],
            x=lefts[place] + wide / 2,
            y=TOP + ROW * len(rows) + 14,
            text_anchor="middle",
        )
        for place, (name, _) in enumerate(columns)
        if _named(place, len(columns))
    ]
    cells = [
        _cell(name, rows[row], lefts[place], TOP + ROW * row, wide, count, counter.total())
        for place, (name, counter) in enumerate(columns)
        for row, count in sorted(counter.items())
    ]
    middle = LEFT + wide * len(columns) / 2
    label = element("text", x_label, x=middle, y=height - 4, text_anchor="middle")
    svg = element(
        "svg",
        element("g", labels, names, label, class_="axes"),
        element("g", cells, class_="heat"),
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
        aria_label=title,
    )
    caption = element("figcaption", element("b", title), element("span", note))
    return element("figure", caption, svg)


def _named(place: int, count: int) -> bool:
    """Whether a column's name is written: all of few, every third or so of many, and the last."""
    return place == count - 1 or (place % (-(-count // 9)) == 0 and place < count - 2)


def _cell(column: str, row: str, x: float, y: float, wide: float, count: int, total: int) -> Markup:
    words = element("title", f"{column}, {row}: {share_of(count, total)}")
    return element(
        "rect",
        words,
        x=round(x + 0.5, 2),
        y=y + 0.5,
        width=round(wide - 1, 2),
        height=ROW - 1,
        fill_opacity=round(0.06 + 0.94 * (count / total) ** 0.7, 3),
    )
