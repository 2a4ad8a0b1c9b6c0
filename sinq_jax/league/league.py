"""The league of a run: keeps past players, draws those that play, and knows how they are met."""

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from sinq_jax.experiment import Experiment
from sinq_jax.game.records import Game, Role
from sinq_jax.game.rewards import generator_reward
from sinq_jax.hosts import ALONE, Hosts
from sinq_jax.league.members import by_recency, by_regret, memberships, met
from sinq_jax.league.opponents import NOBODY, Cast, Opponent, Opponents
from sinq_jax.league.snapshots import Snapshots
from sinq_jax.players import ROLES, Players
from sinq_jax.randomness import host_generator


class League:
    """Past players of one run. What it knows of meetings is part of the checkpoint; who is in it
    follows from the number of the round alone, so that a resumed run has the same league.
    """

    def __init__(self, experiment: Experiment, workdir: Path, hosts: Hosts = ALONE) -> None:
        self._experiment = experiment
        self._settings = experiment.config.league
        self._snapshots = Snapshots(workdir, experiment.learner, hosts)
        self._success: dict[Role, dict[int, float]] = {role: {} for role in ROLES}

    def extra(self) -> dict[str, Any]:
        """What a checkpoint has to hold of it, as JSON; nothing where no past player was met."""
        if not any(self._success.values()):
            return {}
        told = {role: sorted(self._success[role].items()) for role in ROLES}
        return {"league": {role: [list(pair) for pair in told[role]] for role in ROLES}}

    def restore(self, extra: Mapping[str, Any]) -> None:
        """Takes up what ``extra`` gave to a checkpoint."""
        for role in ROLES:
            self._success[role] = {
                int(number): won for number, won in extra.get("league", {}).get(role, [])
            }

    def keep(self, number: int, players: Players) -> None:
        """Saves the players before round ``number``, those of the round before it, where they are
        due, and drops those that are no longer needed.
        """
        every = self._settings.every_rounds
        if every and (number - 1) % every == 0:
            self._snapshots.keep(number - 1, players)
            self._snapshots.drop_all_but(self._still_needed(number))

    def opponents(self, number: int, players: Players) -> Opponents:
        """Who else plays round ``number``, drawn from the run's seed; ``players`` are those that it
        begins with, and are kept where they are due.
        """
        league = self._settings
        self.keep(number, players)
        if not league.every_rounds:
            return NOBODY
        members = self._history(number)[-1]
        return Opponents(
            self._drawn("generator", league.generator_share, members, number),
            self._drawn("evaluator", league.evaluator_share, members, number),
        )

    def record(self, cast: Cast, games: tuple[Game, ...]) -> dict[str, float]:
        """Takes note of a round's meetings; returns its metrics ``league/...``."""
        pay = self._experiment.config.rewards
        metrics: dict[str, float] = {}
        answered = [games[place] for place in sorted(cast.written) if games[place].answers]
        if cast.generator is not None and answered:
            won = fmean(game.solved / len(game.answers) for game in answered)
            self._success["evaluator"] = met(self._success["evaluator"], cast.generator, won)
            metrics |= {
                "league/generator_round": float(cast.generator),
                "league/generator_games": float(len(answered)),
                "league/solve_rate_on_past_generator": won,
            }
        measured = [games[place] for place in sorted(cast.answered)]
        asked = [game for game in measured if game.answers]
        if cast.evaluator is not None and asked:
            paid = fmean(generator_reward(g, pay.generator, pay.max_density) for g in measured)
            self._success["generator"] = met(self._success["generator"], cast.evaluator, paid)
            metrics |= {
                "league/evaluator_round": float(cast.evaluator),
                "league/evaluator_games": float(len(asked)),
                "league/reward_by_past_evaluator": paid,
                "league/solve_rate_of_past_evaluator": fmean(
                    game.solved / len(game.answers) for game in asked
                ),
            }
        return metrics

    def _drawn(
        self, role: Role, share: float, members: tuple[int, ...], number: int
    ) -> Opponent | None:
        """The past player in ``role``; the player of the other role is the one that meets it."""
        if not share:
            return None
        league, learner = self._settings, self._experiment.learner
        if league.sampling == "recency":
            weights = by_recency(members, league.recency)
        else:
            weights = by_regret(members, self._success[_other(role)])
        rng = host_generator(self._experiment.config.seed, "league", role, number)
        drawn = members[int(rng.choice(len(members), p=weights))]
        past = learner.params(self._snapshots.load(drawn), role)
        return Opponent(drawn, self._experiment.roller.lay_out(past), share)

    def _history(self, number: int) -> list[tuple[int, ...]]:
        """The league before round ``number``, and as it was before every earlier one."""
        return memberships(number - 1, self._settings.every_rounds, self._settings.keep)

    def _still_needed(self, number: int) -> set[int]:
        """Also what a run needs that goes on from an older checkpoint, the newest being damaged."""
        checkpoint, every = self._experiment.config.checkpoint, self._settings.every_rounds
        oldest = max(0, number - (checkpoint.keep + 1) * checkpoint.every_rounds)
        return {
            member for members in self._history(number)[oldest // every :] for member in members
        }


def _other(role: Role) -> Role:
    return "evaluator" if role == "generator" else "generator"
