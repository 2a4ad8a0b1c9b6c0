"""Learning rates over a phase: a linear rise, a plateau, a linear fall."""


def trapezoid(
    step: int, steps: int, start: float, peak: float, end: float, rise: int, fall: int
) -> float:
    """The learning rate of ``step`` (0 to ``steps`` - 1).

    From ``start`` to ``peak`` over the first ``rise`` steps, from ``peak`` to ``end`` over the last
    ``fall``; the very last step has ``end``, unless ``fall`` is 0. Where the two overlap, the lower
    one counts.
    """
    up = min(1.0, (step + 1) / max(1, rise))
    down = min(1.0, (steps - 1 - step) / fall) if fall else 1.0
    return min(start + (peak - start) * up, end + (peak - end) * down)
