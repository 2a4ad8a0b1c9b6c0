"""The archive of behaviours: what variants of each original did before, and how often.

A generator that is paid for every variant comes to write one idea again and again. The archive
counts, and a quota takes the pay of what is no longer new (a grid of behaviours as in MAP-Elites:
Mouret and Clune 2015, arXiv 1504.04909, with counts in place of champions).
"""

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from sandbox import Judge, Outcome
from sinq_jax.game.edit_kinds import edit_kinds, edit_share
from sinq_jax.game.records import Behaviour, Game
from sinq_jax.programs.inputs import enumerate_inputs

DIGITS = 16
"""Hexadecimal digits of a digest of outcomes: 64 bits."""

Key = tuple[str, str, tuple[str, ...], str]


@dataclass(frozen=True)
class Quota:
    """What is paid for: ``most`` variants of one behaviour for each original (0: all), and
    ``share`` of its pay for a further one.
    """

    most: int = 0
    share: float = 0.0

    def pays(self, game: Game) -> float:
        """The share of its pay that a game gets, 0 to 1."""
        return self.share if self.is_over(game) else 1.0

    def is_over(self, game: Game) -> bool:
        """Whether the original has had enough variants that behave like this one."""
        return 0 < self.most <= (game.behaviour.seen if game.behaviour else 0)


NO_QUOTA = Quota()


class Archive:
    """Counts of the admitted variants by original and behaviour, over the last ``rounds`` rounds
    (0: all). It is made of stored games alone, so a resumed run has the same.
    """

    def __init__(self, rounds: int = 0) -> None:
        self._limit = rounds
        self._rounds: deque[Counter[Key]] = deque()
        self._counts: Counter[Key] = Counter()

    def placed(self, games: Sequence[Game]) -> tuple[Game, ...]:
        """The games of a new round, each behaviour with how often it was there before: in earlier
        rounds, and earlier in this one.
        """
        here: Counter[Key] = Counter()
        placed = []
        for game in games:
            if game.behaviour:
                key = _key(game, game.behaviour)
                seen = self._counts[key] + here[key]
                here[key] += 1
                game = replace(game, behaviour=replace(game.behaviour, seen=seen))
            placed.append(game)
        return tuple(placed)

    def add(self, games: Iterable[Game]) -> None:
        """Remember the games of one round; the oldest round is forgotten where too many are."""
        counts = Counter(_key(game, game.behaviour) for game in games if game.behaviour)
        self._rounds.append(counts)
        self._counts += counts
        if 0 < self._limit < len(self._rounds):
            self._counts -= self._rounds.popleft()

    @property
    def variants(self) -> int:
        """How many admitted variants it holds."""
        return self._counts.total()

    @property
    def distinct(self) -> int:
        """How many behaviours it holds, those of each original counted apart."""
        return len(self._counts)


def _key(game: Game, behaviour: Behaviour) -> Key:
    program = game.program
    return program.source, program.entry_point, behaviour.edit, behaviour.outcomes


def observed(sandbox: Judge, games: Sequence[Game], probes: int) -> tuple[Game, ...]:
    """The games, those admitted with their behaviour on ``probes`` inputs drawn from the original
    alone, the same ones every time.
    """
    places = [place for place, game in enumerate(games) if game.admitted and game.proposal]
    jobs = [
        (
            game.proposal.variant,
            game.program.entry_point,
            enumerate_inputs(game.program, probes, 0),
        )
        for game in (games[place] for place in places)
        if game.proposal
    ]
    seen = list(games)
    for place, outcomes in zip(places, sandbox.sweep_all(jobs), strict=True):
        game = games[place]
        assert game.proposal is not None
        kinds = edit_kinds(game.program.source, game.proposal.variant)
        seen[place] = replace(game, behaviour=Behaviour(kinds, _digest(outcomes)))
    return tuple(seen)


def _digest(outcomes: Iterable[Outcome]) -> str:
    """Equal for equal outcomes; what has no encoding is told by how it ended alone."""
    told = "\0".join(f"{outcome.status} {outcome.encoding}" for outcome in outcomes)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def archive_measures(games: Sequence[Game], quota: Quota, archive: Archive) -> dict[str, float]:
    """The metrics ``archive/...`` of a round that the archive holds already.

    Shares are over the round's admitted variants, ``archive/variants``; ``distinct_per_100`` is
    over all that the archive holds, ``archive/held_variants``.
    """
    kept = [game for game in games if game.behaviour]
    measures = {
        "archive/variants": float(len(kept)),
        "archive/held_variants": float(archive.variants),
        "archive/held_distinct": float(archive.distinct),
    }
    if archive.variants:
        measures["archive/distinct_per_100"] = 100.0 * archive.distinct / archive.variants
    if kept:
        novel = sum(game.behaviour is not None and game.behaviour.seen == 0 for game in kept)
        measures["archive/novelty"] = novel / len(kept)
        measures["archive/over_quota"] = sum(map(quota.is_over, kept)) / len(kept)
        measures["archive/edit_share_median"] = median(map(_share, kept))
    return measures


def _share(game: Game) -> float:
    assert game.proposal is not None
    return edit_share(game.program.source, game.proposal.variant) or 0.0
