"""When the alarms of a run rang, in sentences."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from sinq_jax.metrics import Row

PREFIX = "alarm/"


def alarm_lines(rows: Sequence[Row]) -> list[str]:
    """Return a line for each alarm that ever rang, with its rounds; none for a run that watched
    none or was fine.
    """
    names = sorted({name for row in rows for name in row if name.startswith(PREFIX)})
    lines = []
    for name in names:
        watched = [(int(row["round"]), row[name] > 0) for row in rows if name in row]
        spans = list(_spans(watched))
        if spans:
            lines.append(f"{name.removeprefix(PREFIX).replace('_', ' ')}: {', '.join(spans)}")
    return lines


def _spans(watched: Sequence[tuple[int, bool]]) -> Iterator[str]:
    for rang, group in groupby(watched, key=lambda each: each[1]):
        numbers = [number for number, _ in group]
        if rang and len(numbers) > 1:
            yield f"rounds {numbers[0]} to {numbers[-1]}"
        elif rang:
            yield f"round {numbers[0]}"
