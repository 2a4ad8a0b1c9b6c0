"""Line charts with interval bands as inline SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sinq_jax.report.html import Markup, element
from sinq_jax.report.wording import has_interval, with_interval
from sinq_jax.statistics import Estimate

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 18, 14, 38

Point = tuple[float, Estimate]
"""A place on the x axis and what was measured there."""


@dataclass(frozen=True)
class Series:
    """One curve: its label, its CSS class (colour and dash), and points in order of x."""

    label: str
    look: str
    points: Sequence[Point]


@dataclass(frozen=True)
class WarmStart:
    """The x value up to which the warm start went, and the name of what followed."""

    until: float
    then: str


@dataclass(frozen=True)
class Frame:
    """The plot area: maps values to pixels."""

    x: tuple[float, float]
    y_ticks: Sequence[float]

    def across(self, value: float) -> float:
        """Return the pixel column of a value on the x axis."""
        share = (value - self.x[0]) / ((self.x[1] - self.x[0]) or 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 2)

    def up(self, value: float) -> float:
        """Return the pixel row of a value on the y axis, kept within the plot."""
        low, high = self.y_ticks[0], self.y_ticks[-1]
        share = (value - low) / (high - low)
        inside = min(max(share, 0.0), 1.0)
        return round(HEIGHT - BOTTOM - inside * (HEIGHT - TOP - BOTTOM), 2)


def line_chart(
    title: str,
    series: Sequence[Series],
    *,
    x_label: str,
    note: str = "",
    warm_start: WarmStart | None = None,
) -> Markup | None:
    """Return a figure of curves, or None when no curve has a point.

    Points that hold an interval get a band; few points get dots as well. Every dot and legend
    carries its numbers in words. The x values of ``warm_start`` are shaded.
    """
    drawn = [one for one in series if one.points]
    if not drawn:
        return None
    frame = _frame(drawn)
    plot = element(
        "svg",
        _phases(frame, warm_start),
        _axes(frame, x_label),
        [_band(frame, one) for one in drawn],
        [_curve(frame, one) for one in drawn],
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"{title}: {'; '.join(_in_words(one) for one in drawn)}",
    )
    legend = element("p", [_legend(one) for one in drawn], class_="legend")
    caption = element("figcaption", element("b", title), element("span", note) if note else None)
    return element("figure", caption, legend, plot)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers (1, 2 or 5 times a power of ten) that cover [low, high]."""
    step = 10.0 ** math.floor(math.log10(high - low))
    for factor in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0):
        width = step * factor
        first, last = math.floor(low / width + 1e-9), math.ceil(high / width - 1e-9)
        if last - first < most:
            return [round(place * width, 12) for place in range(first, last + 1)]
    return [low, high]


def short(value: float) -> str:
    """Return a number as an axis shows it: ``0.25``, ``40``, ``12k``, ``5e-6``."""
    if abs(value) >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:g}".replace("e-0", "e-")


def _frame(series: Sequence[Series]) -> Frame:
    xs = [x for one in series for x, _ in one.points]
    ys = [
        value
        for one in series
        for _, estimate in one.points
        for value in (estimate.value, estimate.low, estimate.high)
        if math.isfinite(value)
    ]
    low, high = min(ys), max(ys)
    if high == low:
        bound = 1.0 if 0 <= high <= 1 else math.inf
        low, high = low - (abs(low) / 10 or 0.1), min(high + (abs(high) / 10 or 0.1), bound)
    return Frame((min(xs), max(xs)), ticks(low, high))


def _axes(frame: Frame, x_label: str) -> Markup:
    rows = [
        element(
            "g",
            element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=frame.up(y), y2=frame.up(y)),
            element("text", short(y), x=LEFT - 7, y=frame.up(y) + 3.5, text_anchor="end"),
        )
        for y in frame.y_ticks
    ]
    low, high = frame.x
    columns = [
        element("text", short(x), x=frame.across(x), y=HEIGHT - BOTTOM + 15, text_anchor="middle")
        for x in (ticks(low, high, most=9) if high > low else [low])
        if low <= x <= high
    ]
    label = element(
        "text", x_label, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 6, text_anchor="middle"
    )
    return element("g", rows, columns, label, class_="axes")


def _phases(frame: Frame, warm_start: WarmStart | None) -> Markup | None:
    if warm_start is None or warm_start.until <= frame.x[0]:
        return None
    right = frame.across(min(warm_start.until, frame.x[1]))
    height = HEIGHT - TOP - BOTTOM
    shade = element("rect", x=LEFT, y=TOP, width=right - LEFT, height=height)
    words = [element("text", "warm start", x=LEFT + 5, y=TOP + 11)]
    if warm_start.until < frame.x[1]:
        words.append(element("text", warm_start.then, x=right + 5, y=TOP + 11))
    return element("g", shade, words, class_="phase")


def _band(frame: Frame, series: Series) -> Markup | None:
    held = [(x, e) for x, e in series.points if has_interval(e)]
    if len(held) < 2:
        return None
    there = [f"{frame.across(x)},{frame.up(e.high)}" for x, e in held]
    back = [f"{frame.across(x)},{frame.up(e.low)}" for x, e in reversed(held)]
    return element("polygon", points=" ".join(there + back), class_=f"band {series.look}")


def _curve(frame: Frame, series: Series) -> Markup:
    places = [(frame.across(x), frame.up(e.value)) for x, e in series.points]
    line = element("polyline", points=" ".join(f"{x},{y}" for x, y in places))
    few = len(places) <= 30
    dots = [
        element(
            "g",
            element("title", f"{series.label}, {short(x)}: {with_interval(e)}"),
            _whisker(frame, x, e),
            element("circle", cx=frame.across(x), cy=frame.up(e.value), r=2.6),
        )
        for x, e in (series.points if few else ())
    ]
    return element("g", line, dots, class_=f"curve {series.look}")


def _whisker(frame: Frame, x: float, estimate: Estimate) -> Markup | None:
    if not has_interval(estimate):
        return None
    place = frame.across(x)
    return element(
        "line", x1=place, x2=place, y1=frame.up(estimate.low), y2=frame.up(estimate.high)
    )


def _legend(series: Series) -> Markup:
    swatch = element(
        "svg",
        element("line", x1=0, x2=22, y1=5, y2=5),
        viewBox="0 0 22 10",
        class_=f"swatch curve {series.look}",
        aria_hidden="true",
    )
    last = f" {with_interval(series.points[-1][1])}"
    return element("span", swatch, series.label, element("i", last))


def _in_words(series: Series) -> str:
    first, last = series.points[0][1], series.points[-1][1]
    return f"{series.label} from {with_interval(first)} to {with_interval(last)}"
