"""Which rounds' players are in the league, and which of them plays next: numbers, no weights."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

HARD = 2
"""The exponent of AlphaStar's prioritised fictitious self-play, f_hard(x) = (1 - x)^p with p = 2
(Vinyals et al. 2019, "Grandmaster level in StarCraft II", Methods).
"""
FLOOR = 0.02
"""So that an opponent that today's player always beats is met again, and seen when it is not."""
MEMORY = 0.7
"""What one meeting leaves of the estimate before it; the rest is the meeting's."""


def memberships(last: int, every: int, most: int) -> list[tuple[int, ...]]:
    """The rounds whose players are in the league, ascending, after each snapshot up to round
    ``last``: element i is the league after the snapshot of round ``i * every``.

    The first and the newest are always there. Of more than ``most`` the one goes that leaves the
    smallest gap, so that those that stay are spread over the run.
    """
    kept: list[int] = []
    history = []
    for number in range(0, last + 1, every):
        kept.append(number)
        if len(kept) > most:
            inner = range(1, len(kept) - 1)
            del kept[min(inner, key=lambda place: kept[place + 1] - kept[place - 1])]
        history.append(tuple(kept))
    return history


def by_recency(members: Sequence[int], recency: float) -> NDArray[np.float64]:
    """float64 ``[members]``, summing to 1: each ``recency`` times as likely as the next newer."""
    weights = recency ** np.arange(len(members) - 1, -1, -1, dtype=np.float64)
    return np.asarray(weights / weights.sum(), np.float64)


def by_regret(members: Sequence[int], success: Mapping[int, float]) -> NDArray[np.float64]:
    """float64 ``[members]``, summing to 1: in proportion to (1 - x)^2, x the share of what could be
    won that today's player wins against it. One that it never met counts as never beaten.
    """
    lost = np.array([1.0 - success.get(member, 0.0) for member in members])
    weights = np.clip(lost, 0.0, 1.0) ** HARD + FLOOR
    return np.asarray(weights / weights.sum(), np.float64)


def met(success: Mapping[int, float], member: int, won: float) -> dict[int, float]:
    """The estimates after a meeting in which today's player won the share ``won``."""
    before = success.get(member)
    now = won if before is None else MEMORY * before + (1 - MEMORY) * won
    return {**success, member: now}
