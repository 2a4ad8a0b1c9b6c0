"""Who else plays a round: a past generator writes for some originals, a past evaluator answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sinq_jax.game.records import Game
from sinq_jax.models.transformer import Params


@dataclass(frozen=True)
class Opponent:
    """A past player: the round it is of, what it samples with, laid out for it, and the share of
    the round's originals that it plays.
    """

    number: int
    params: Params
    share: float

    def originals(self, count: int) -> int:
        """How many of ``count`` originals it plays."""
        return round(self.share * count)


@dataclass(frozen=True)
class Cast:
    """Who played which games of a round beside today's players: the rounds that the past players
    are of, and the places of their games. Nobody learns from samples that are not its own.
    """

    generator: int | None = None
    evaluator: int | None = None
    written: frozenset[int] = frozenset()
    answered: frozenset[int] = frozenset()

    def own(self, games: Sequence[Game]) -> tuple[Game, ...]:
        """The games that today's players played with each other."""
        theirs = self.written | self.answered
        return tuple(game for place, game in enumerate(games) if place not in theirs)

    def as_metadata(self) -> dict[str, Any]:
        """What is kept with the round's games; empty where today's players played alone."""
        parts = {
            "past_generator": (self.generator, self.written),
            "past_evaluator": (self.evaluator, self.answered),
        }
        return {
            name: {"round": number, "games": sorted(places)}
            for name, (number, places) in parts.items()
            if number is not None
        }


@dataclass(frozen=True)
class Opponents:
    """The past players of one round. The past evaluator gets the first originals, the past
    generator the last ones: originals come in random order.
    """

    generator: Opponent | None = None
    evaluator: Opponent | None = None

    def own_originals(self, count: int) -> int:
        """For how many of ``count`` originals, the first ones, today's generator writes."""
        return count - (self.generator.originals(count) if self.generator else 0)

    def cast(self, games: Sequence[Game]) -> Cast:
        """Who plays which of these games; every original has one or more of them, in a row."""
        places = {
            program: place for place, program in enumerate(dict.fromkeys(g.program for g in games))
        }
        order = [places[game.program] for game in games]
        own = self.own_originals(len(places))
        asked = self.evaluator.originals(len(places)) if self.evaluator else 0
        return Cast(
            self.generator.number if self.generator else None,
            self.evaluator.number if self.evaluator else None,
            frozenset(index for index, place in enumerate(order) if place >= own),
            frozenset(index for index, place in enumerate(order) if place < min(asked, own)),
        )


NOBODY = Opponents()
