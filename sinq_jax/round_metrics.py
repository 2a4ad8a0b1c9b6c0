"""What a played round says in numbers, of its games and of the machine."""

from collections.abc import Iterable

from sandbox import Judge
from sinq_jax.equivalents import mixed_in_measures
from sinq_jax.experiment import Experiment
from sinq_jax.game.measures import round_measures
from sinq_jax.game.records import Game
from sinq_jax.selfplay import PlayedRound
from sinq_jax.variety import quota_of


def metrics_of_round(
    experiment: Experiment, played: PlayedRound, spent_s: float
) -> dict[str, float]:
    """Metrics of a round that took ``spent_s`` seconds: those of ``round_measures`` over the games
    that today's players wrote, those of ``mixed_in_measures``, and ``time/...``.
    """
    config = experiment.config
    pay, own = config.rewards, played.cast.own(played.games)
    said = round_measures(own, pay.generator, pay.max_density, quota_of(config))
    return {
        **said,
        **mixed_in_measures(config, played.mixed, said.get("evaluator/solve_rate")),
        **_sandbox_counts(experiment.sandbox),
        "time/layout_s": played.layout_s,
        "time/tokens_per_s": _sampled_tokens(played.games) / max(played.sampling_s, 1e-9),
        "time/checks_per_s": _checks(played.games) / max(played.judging_s, 1e-9),
        "time/sandbox_wait_share": played.judging_s / spent_s,
        "time/suspicion_share": played.suspicion_s / spent_s,
    }


def _sandbox_counts(sandbox: Judge) -> dict[str, float]:
    """Since this process began; in the group ``time/`` because a resumed run counts anew."""
    counts = sandbox.statistics
    return {f"time/sandbox_{name}": float(counts.get(name, 0)) for name in ("broken", "timeout")}


def _sampled_tokens(games: Iterable[Game]) -> int:
    return sum(
        game.completion.tokens + sum(answer.completion.tokens for answer in game.answers)
        for game in games
    )


def _checks(games: Iterable[Game]) -> int:
    return sum((game.proposal is not None) + len(game.answers) for game in games)
