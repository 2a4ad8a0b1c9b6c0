"""Past players in a run: they change nothing by being kept, play their share, and come back whole.

In ``tests/hosts/test_run.py`` a league dies in a round and goes on with the same bits.
"""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from numpy.typing import NDArray

from sinq_jax.checkpoint import CheckpointError
from sinq_jax.config import ConfigError, League
from sinq_jax.experiment import Experiment
from sinq_jax.game.store import GameStore, timeless
from sinq_jax.league import league as leagues
from sinq_jax.league.opponents import NOBODY, Opponent, Opponents
from sinq_jax.league.snapshots import Snapshots, numbers
from sinq_jax.metrics import read_metrics
from sinq_jax.players import Players
from sinq_jax.playing import answer, draw_tasks, write_variants
from sinq_jax.same import differences
from sinq_jax.selfplay import play_round
from tests.run.command import Command
from tests.run.small import get_config

ROUND = 4
KEEPING = ("--config.league.every_rounds=1", "--config.league.keep=2")
PLAYING = (
    *("--config.league.generator_share=0.5", "--config.league.evaluator_share=0.25"),
    "--config.league.sampling=regret",
)


@pytest.fixture(scope="module")
def league_run(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workdir = tmp_path_factory.mktemp("runs") / "league"
    done = command(workdir, *KEEPING, *PLAYING)
    assert done.returncode == 0, done.stderr
    return workdir


def test_keeping_past_players_changes_nothing_else(
    command: Command, undisturbed: Path, tmp_path: Path
) -> None:
    done = command(tmp_path, *KEEPING)
    assert done.returncode == 0, done.stderr
    found = [line.partition(": ")[0] for line in differences(undisturbed, tmp_path)]
    assert set(found) == {"config.json", "league"}
    assert numbers(tmp_path) == [0, 1, 2]


def test_every_round_says_who_played_it(league_run: Path) -> None:
    rows = [row for row in read_metrics(league_run) if "generator/games" in row]
    with GameStore(league_run / "games.sqlite", readonly=True) as store:
        for row in rows:
            told = store.metadata(row["round"])
            games = list(store.games(row["round"]))
            written, answered = (set(told[name]["games"]) for name in told)
            assert len(written) == 8
            assert len(answered) == 4
            assert not written & answered
            assert told["past_generator"]["round"] < row["round"]
            assert row["generator/games"] == len(games) - len(written | answered)
            if "league/generator_round" in row:
                assert row["league/generator_round"] == told["past_generator"]["round"]
    assert any("league/solve_rate_on_past_generator" in row for row in rows)


@pytest.fixture
def opponents(experiment: Experiment, players: Players) -> Opponents:
    """Today's players as their own past, so that what they write can be foretold."""
    policies = experiment.policies(players)
    return Opponents(
        Opponent(7, policies["generator"], 0.5), Opponent(8, policies["evaluator"], 0.25)
    )


def test_nobody_learns_from_tokens_that_it_did_not_sample(
    experiment: Experiment, players: Players, opponents: Opponents
) -> None:
    played = play_round(experiment, players, ROUND, opponents)
    play = experiment.config.selfplay
    assert len(played.written) == play.originals // 2
    assert len(played.games) == play.originals * play.variants
    assert played.cast.generator == 7
    assert played.cast.evaluator == 8
    assert played.cast.written == set(range(len(played.games) // 2, len(played.games)))
    assert played.cast.answered == set(range(len(played.games) // 4))
    assert not played.cast.answered & played.answered.keys()
    own = played.cast.own(played.games)
    assert own == played.games[len(played.games) // 4 : len(played.games) // 2]


def test_what_today_writes_is_the_same_whoever_else_plays(
    experiment: Experiment, players: Players, opponents: Opponents
) -> None:
    policies, tasks = experiment.policies(players), draw_tasks(experiment, ROUND)
    alone = write_variants(experiment, policies, tasks, ROUND)
    mixed = write_variants(experiment, policies, tasks, ROUND, opponents)
    for one, other in zip(alone[:2], mixed[:2], strict=True):
        assert np.array_equal(one.tokens, other.tokens)
    assert any(
        one.completions != other.completions
        for one, other in zip(alone[2:], mixed[2:], strict=True)
    )


def test_without_opponents_a_round_is_what_it_was(experiment: Experiment, players: Players) -> None:
    played = play_round(experiment, players, ROUND)
    assert played.cast.own(played.games) == played.games
    assert played.cast.as_metadata() == {}
    again = answer(experiment, experiment.policies(players), played.games, ROUND, NOBODY)
    assert again.keys() == played.answered.keys()


def test_mutation_operators_write_proven_variants_that_only_the_evaluator_samples_for(
    experiment: Experiment, players: Players
) -> None:
    play = replace(experiment.config.selfplay, writer="mutation")
    mutating = replace(experiment, config=replace(experiment.config, selfplay=play))
    played = play_round(mutating, players, ROUND)
    again = play_round(mutating, players, ROUND)
    assert [*map(timeless, again.games)] == [*map(timeless, played.games)]
    assert played.written == ()
    assert len(played.games) > play.originals
    assert all(game.admitted for game in played.games)
    assert played.answered.keys() == set(range(len(played.games)))
    later = play_round(mutating, players, ROUND + 1)
    assert [game.proposal for game in later.games] != [game.proposal for game in played.games]


def test_a_snapshot_comes_back_and_a_lost_or_damaged_one_is_named(
    experiment: Experiment, players: Players, tmp_path: Path
) -> None:
    kept = Snapshots(tmp_path, experiment.learner)
    kept.keep(3, players)
    back = kept.load(3)
    for name, player in players.items():
        for one, other in zip(_leaves(player.params), _leaves(back[name].params), strict=True):
            assert np.array_equal(one, other)
    with pytest.raises(CheckpointError, match="expected the players of round 4, got none"):
        kept.load(4)
    largest = max((tmp_path / "league" / "3").rglob("*"), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="3/3: expected "):
        kept.load(3)


def _leaves(tree: object) -> list[NDArray[np.float32]]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]


def test_what_is_kept_is_dropped_only_when_no_checkpoint_can_ask_for_it(
    experiment: Experiment, players: Players, tmp_path: Path
) -> None:
    settings = League(every_rounds=1, keep=2)
    checkpoint = replace(experiment.config.checkpoint, every_rounds=2, keep=1)
    config = replace(experiment.config, league=settings, checkpoint=checkpoint)
    league = leagues.League(replace(experiment, config=config), tmp_path)
    for number in range(1, 9):
        assert league.opponents(number, players) == NOBODY
    # Round 8 may be played again from round 4 on, which had the players of rounds 0 and 4.
    assert numbers(tmp_path) == [0, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("league", "said"),
    [
        (League(generator_share=0.5), "league.generator_share: expected 0 where no past players"),
        (
            League(every_rounds=1, generator_share=0.5, evaluator_share=0.5),
            "league.evaluator_share: expected at most 0.9 together",
        ),
    ],
)
def test_a_league_that_cannot_be_is_refused(league: League, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        replace(get_config(), league=league).check()
