"""Which games of a run to show: the same ones every time, spread over difficulty and rounds."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from sinq_jax.game.difficulty import level
from sinq_jax.game.store import Entry

GAMES = 12
REFUSED = 4


def games_to_read(entries: Sequence[Entry], count: int = GAMES) -> list[Entry]:
    """Return up to ``count`` answered games, the hardest first.

    Levels take turns from the hardest down. Within a level the game farthest in rounds from those
    chosen already comes next, of a program not chosen yet where there is one.
    """
    by_level: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.measured:
            by_level[level(entry.solved, entry.answers)].append(entry)
    chosen: list[Entry] = []
    while len(chosen) < count and any(by_level.values()):
        for difficulty in sorted(by_level, reverse=True):
            if by_level[difficulty] and len(chosen) < count:
                best = _farthest(by_level[difficulty], chosen)
                by_level[difficulty].remove(best)
                chosen.append(best)
    return sorted(chosen, key=lambda e: (-level(e.solved, e.answers), e.round, e.position))


def refusals_to_read(entries: Sequence[Entry], count: int = REFUSED) -> list[Entry]:
    """Return the latest variant refused for each of the commonest reasons."""
    refused = [entry for entry in entries if entry.verdict != "diverges"]
    latest = {entry.reason: entry for entry in refused}
    counts = Counter(entry.reason for entry in refused)
    common = sorted(latest, key=lambda reason: (-counts[reason], reason))
    return [latest[reason] for reason in common[:count]]


def _farthest(candidates: Sequence[Entry], chosen: Sequence[Entry]) -> Entry:
    programs = {entry.program for entry in chosen}
    rounds = sorted({entry.round for entry in chosen})

    def merit(entry: Entry) -> tuple[bool, int]:
        distance = min((abs(entry.round - number) for number in rounds), default=0)
        return entry.program not in programs, distance

    return max(candidates, key=merit)
