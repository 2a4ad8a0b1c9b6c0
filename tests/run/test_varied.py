"""Claims about runs with an archive, quotas, a quirky judge and equivalent pairs: killed, they end
like one that was not, and what each of these is for is seen in the games.
"""

import re
from pathlib import Path
from statistics import fmean

import pytest

from sinq_jax.game.archive import Archive, Quota
from sinq_jax.game.edit_kinds import edit_share
from sinq_jax.game.rewards import generator_reward
from sinq_jax.game.store import GameStore
from sinq_jax.metrics import read_metrics
from sinq_jax.same import differences
from tests.run.command import Command

VARIED = "tests/run/varied.py"
LIFE = ("training", 53)
"""Killed in round 2, between its two updates: after 50 steps and the two updates of round 1."""


@pytest.fixture(scope="module")
def varied(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workdir of a run that nothing stopped. Not to be written to."""
    workdir = tmp_path_factory.mktemp("varied")
    done = command(workdir, config=VARIED)
    assert done.returncode == 0, done.stderr
    return workdir


def test_a_varied_run_that_is_killed_ends_like_one_that_was_not(
    command: Command, varied: Path, tmp_path: Path
) -> None:
    done = command.until(tmp_path, *LIFE, "SIGKILL", config=VARIED)
    assert done.returncode == -9, done.stderr
    with GameStore(tmp_path / "games.sqlite", readonly=True) as store:
        assert store.rounds() == [1]
    done = command(tmp_path, config=VARIED)
    assert done.returncode == 0, done.stderr
    assert list(differences(varied, tmp_path)) == []


def test_every_admitted_variant_has_its_place_in_the_archive(varied: Path) -> None:
    archive = Archive()
    with GameStore(varied / "games.sqlite", readonly=True) as store:
        for number in store.rounds():
            games = tuple(store.games(number))
            assert any(game.admitted for game in games)
            assert all((game.behaviour is not None) == game.admitted for game in games)
            assert archive.placed(games) == games
            archive.add(games)
    last = [row for row in read_metrics(varied) if "archive/held_variants" in row][-1]
    assert last["archive/held_variants"] == archive.variants
    assert last["archive/distinct_per_100"] == 100 * archive.distinct / archive.variants


def test_what_is_over_the_edit_budget_is_not_played(varied: Path) -> None:
    with GameStore(varied / "games.sqlite", readonly=True) as store:
        games = [game for game in store.games() if game.proposal]
    for game in games:
        assert game.proposal is not None
        share = edit_share(game.program.source, game.proposal.variant) or 0.0
        over = game.admission.reason == "over the edit budget"
        too_long = game.admission.reason == "too long for the evaluator"
        assert over == (share > 0.6) or too_long
        assert not (over and game.answers)


def test_the_quirky_judge_pays_and_the_sound_verdicts_are_kept(varied: Path) -> None:
    with GameStore(varied / "games.sqlite", readonly=True) as store:
        games = list(store.games())
    judged = [game.admission for game in games if game.admission.receipt]
    judged += [answer.ruling for game in games for answer in game.answers]
    assert all(ruling.quirky is not None for ruling in judged)
    assert all(ruling.quirky for ruling in judged if ruling.verdict == "diverges")
    rows = [row for row in read_metrics(varied) if "generator/admitted" in row]
    assert [row["generator/admitted"] for row in rows] == [
        sum(game.admitted for game in games if game.round == row["round"]) for row in rows
    ]


def test_rewards_are_those_of_the_quota(varied: Path) -> None:
    with GameStore(varied / "games.sqlite", readonly=True) as store:
        for row in read_metrics(varied):
            if "generator/reward" in row:
                paid = [
                    generator_reward(game, "target", 0.5, Quota(1, 0.25))
                    for game in store.games(row["round"])
                ]
                assert row["generator/reward"] == pytest.approx(fmean(paid), abs=1e-12)


def test_equivalent_pairs_are_their_share_of_the_questions_and_no_games(varied: Path) -> None:
    with GameStore(varied / "games.sqlite", readonly=True) as store:
        for number in store.rounds():
            asked = sum(bool(game.answers) for game in store.games(number))
            questions = store.equivalents(number)
            # 0.4 of all questions, less what did not fit or was thrown away.
            assert 0 < len(questions) <= round(asked * 0.4 / 0.6)
            assert all(len(question.answers) == 4 for question in questions)
    row = [row for row in read_metrics(varied) if "benchmark/recognised" in row][-1]
    assert row["benchmark/recognised_n"] == 4
    mean = (row["benchmark/recognised"] + row["benchmark/success"]) / 2
    assert row["benchmark/balanced_accuracy"] == pytest.approx(mean, abs=1e-12)  # float64 sums
    low, high = (row[f"benchmark/balanced_accuracy_{side}"] for side in ("low", "high"))
    assert low <= mean <= high


def test_players_learn_the_word_in_the_warm_start(varied: Path) -> None:
    shares = [
        row["benchmark/recognised"] for row in read_metrics(varied) if "benchmark/recognised" in row
    ]
    assert shares[0] == 0
    assert shares[1] > 0


def test_the_report_of_the_run_shows_the_archive_and_the_equivalent_pairs(varied: Path) -> None:
    page = (varied / "report.html").read_text(encoding="utf-8")
    headings = re.findall("<h2>(.*?)</h2>", page)
    assert {"Variety", "Equivalent pairs"} < {*headings}
    titles = re.findall("<figcaption><b>(.*?)</b>", page)
    assert {
        "Distinct behaviours in 100 variants",
        "Admitted variants",
        "Balanced accuracy of the evaluator",
        "Equivalent pairs that are said to be",
    } < {*titles}
