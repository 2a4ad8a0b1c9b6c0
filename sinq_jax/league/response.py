"""A best response within a budget: a fresh evaluator learns to answer one frozen generator."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from sinq_jax.carried import Carried
from sinq_jax.config import Policy
from sinq_jax.experiment import Experiment
from sinq_jax.league.opponents import Opponent, Opponents
from sinq_jax.lessons import Taught, taught
from sinq_jax.models.transformer import Params
from sinq_jax.players import Players
from sinq_jax.schedule import Tick
from sinq_jax.selfplay import learn_round, play_round


def responded(
    experiment: Experiment,
    generator: Params,
    players: Players,
    say: Callable[[int], None],
) -> Players:
    """``players`` (consumed), whose evaluator learned for ``crossplay.response_rounds`` rounds from
    games that ``generator`` alone writes, on originals of play.

    They learn as in play, rate and replay included, but from a sound judge and from nothing else
    than these games, and they are held to no reference: a best response is not to stay near
    anything. ``say`` is told how many rounds are done.
    """
    config = experiment.config
    first, rounds = config.selfplay.rounds + 2, config.crossplay.response_rounds
    budget = replace(config.selfplay, rounds=rounds, writer="generator", equivalent_share=0.0)
    sound = replace(config.rewards, judge="sound")
    changed = replace(config, selfplay=budget, rewards=sound, policy=Policy())
    free = replace(experiment, config=changed)
    opponents = Opponents(Opponent(config.selfplay.rounds, generator, 1.0))
    memory: deque[Taught] = deque(maxlen=config.learning.memory_rounds)
    carried, updates = Carried(), config.learning.updates
    for done in range(rounds):
        begun = config.warm_start.steps + done * updates
        tick = Tick(first + done, first + done, begun, begun + updates)
        played = play_round(free, players, tick.round, opponents)
        memory.append(taught(free, played.games))
        players, carried, _ = learn_round(free, players, played, memory, tick, carried)
        say(done + 1)
    return players
