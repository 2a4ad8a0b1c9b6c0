"""Numbers and comparisons in words that claim no more than the intervals carry."""

import math

from sinq_jax.statistics import Estimate


def in_figures(value: float) -> str:
    """Return a number with the digits a reader needs: ``0.412``, ``23.5``, ``7,012``, ``2e-6``."""
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    if 0 < abs(value) < 0.001:
        return f"{value:.2g}".replace("e-0", "e-")
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def with_interval(estimate: Estimate) -> str:
    """Return ``0.412 [0.391, 0.433]``, without brackets where there is no interval."""
    text = in_figures(estimate.value)
    if not has_interval(estimate):
        return text
    return f"{text} [{in_figures(estimate.low)}, {in_figures(estimate.high)}]"


def has_interval(estimate: Estimate) -> bool:
    """Return whether an estimate has finite bounds."""
    return math.isfinite(estimate.low) and math.isfinite(estimate.high)


def compared(first: Estimate, second: Estimate, higher: str, lower: str) -> str:
    """Return what two separate 95% intervals say of a difference, as the end of a sentence.

    ``higher`` and ``lower`` name the difference when ``second`` is above or below ``first``.
    """
    if not (has_interval(first) and has_interval(second)):
        return "without intervals nothing can be said of the difference"
    beyond = "is beyond the noise of this benchmark"
    if second.low > first.high:
        return f"the 95% intervals are apart, so {higher} {beyond}"
    if second.high < first.low:
        return f"the 95% intervals are apart, so {lower} {beyond}"
    return "the 95% intervals overlap, so they do not tell the two apart"


def share_of(count: int, total: int) -> str:
    """Return ``12 of 340 (3.5%)``, with the denominator always in sight."""
    return f"{count:,} of {total:,} ({100 * count / total:.1f}%)" if total else "0 of 0"
