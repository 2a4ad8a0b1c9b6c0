"""The numbers of a round have the right denominators, counted by hand on eight games."""

from dataclasses import replace

import pytest

from sinq_jax.game.measures import round_measures
from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.game.store import Entry
from sinq_jax.programs.program import Program

PROGRAM = Program("p", "def f(x):\n    return x\n", "f")
PROPOSAL = Proposal("def f(x):\n    return abs(x)\n", '{"x": -1}')


def answer(verdict: str, reason: str = "", said: str | None = '{"x": -2}') -> Answer:
    equivalent = reason == "claims equivalence"
    return Answer(
        Completion("", 5, reason != "no input"), said, equivalent, Ruling(verdict, reason, {})
    )  # type: ignore[arg-type]


SOLVED = answer("diverges", "different values")
WRONG = answer("same", "same outcome")
UNREAD = answer("invalid", "no input", None)
EQUIVALENT = answer("invalid", "claims equivalence", None)


def game(
    verdict: str,
    reason: str,
    answers: tuple[Answer, ...] = (),
    target: int = 0,
    density: tuple[int, int] | None = None,
    proposal: Proposal | None = PROPOSAL,
) -> Game:
    ruling = Ruling(verdict, reason, {})  # type: ignore[arg-type]
    completion = Completion("", 10, reason != "no input")
    return Game(1, PROGRAM, target, 0, completion, proposal, ruling, answers, density)


VALID = "different values"
GAMES = (
    game("diverges", VALID, (SOLVED,) * 4, target=0, density=(1, 4)),  # level 0
    game("diverges", VALID, (SOLVED, WRONG, UNREAD, EQUIVALENT), target=10, density=(3, 16)),  # 7
    game("diverges", VALID, (WRONG,) * 4, target=9, density=(2, 16)),  # level 10
    game("diverges", VALID, target=5, density=(15, 16)),  # too easy to be played
    game("same", "same outcome", (SOLVED, WRONG, WRONG, WRONG), target=3, density=(1, 16)),
    game("invalid", "does not bind"),
    game("invalid", "no input", proposal=None),
    game("unstable", "near the limit"),
)
MEASURES = round_measures(GAMES, "target", 0.5)

EXPECTED = {
    "generator/games": 8,
    "generator/parse_rate": 7 / 8,
    "generator/bind_rate": 6 / 8,
    "generator/validity": 4 / 8,
    "generator/unstable_rate": 1 / 8,
    "generator/duplicate_rate": 0,
    "generator/truncated_rate": 1 / 8,
    "evaluator/truncated_rate": 1 / 16,
    "generator/tokens": 10,
    "generator/proven_by_others": 1 / 8,
    "generator/worth_searching": 4 / 8,
    "generator/reward": (1.0 + 0.7 + 0.9) / 8,
    "generator/density_median": (3 / 16 + 4 / 16) / 2,
    "generator/target_error": (0 + 3 + 1) / 3,
    "evaluator/answers": 16,
    "evaluator/solve_rate": 6 / 16,
    "evaluator/reward": 6 / 16,
    "evaluator/parse_rate": 15 / 16,
    "evaluator/groups_all_solved": 1 / 4,
    "evaluator/groups_none_solved": 1 / 4,
    "game/level_0": 1,
    "game/level_7": 1,
    "game/level_10": 1,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_measure_is_what_counting_by_hand_gives(name: str) -> None:
    assert MEASURES[name] == pytest.approx(EXPECTED[name])


def test_levels_count_each_proven_and_answered_variant_once() -> None:
    levels = [value for name, value in MEASURES.items() if name.startswith("game/level_")]
    assert len(levels) == 11
    assert sum(levels) == 3


def test_a_round_without_any_answer_claims_nothing_about_the_evaluator() -> None:
    measures = round_measures(GAMES[5:], "target", 0.5)
    assert measures["generator/validity"] == 0
    assert not [name for name in measures if name.startswith("evaluator/")]
    assert "generator/density_median" not in measures
    assert "generator/target_error" not in measures


def test_difficulty_is_measured_on_proven_variants_alone() -> None:
    proven = Entry(1, 0, "p", 5, 0, 4, "diverges", VALID, (1, 16))
    unproven = Entry(1, 1, "p", 5, 0, 4, "same", "same outcome", (0, 16))
    unanswered = Entry(1, 2, "p", 5, 0, 0, "diverges", VALID, (15, 16))
    assert [entry.measured for entry in (proven, unproven, unanswered)] == [True, False, False]


def test_what_a_quirky_judge_let_pass_is_told_with_its_denominators() -> None:
    def paid(each: Game, accepts: bool, solved: int) -> Game:
        answers = tuple(
            replace(a, ruling=replace(a.ruling, quirky=place < solved))
            for place, a in enumerate(each.answers)
        )
        word = replace(each.admission, quirky=accepts)
        return replace(each, admission=word, answers=answers)

    games = [
        paid(game("diverges", VALID, (SOLVED, WRONG), density=(1, 4)), True, 1),
        paid(game("same", "same outcome", (WRONG, WRONG), density=(1, 4)), True, 2),
        paid(game("invalid", "does not bind"), True, 0),
        paid(game("same", "same outcome"), False, 0),
    ]
    measures = round_measures(games, "target", 0.5)
    assert measures["generator/admitted"] == 3
    assert measures["generator/falsely_proven"] == 2 / 3
    assert measures["generator/validity"] == 1 / 4
    assert measures["evaluator/solved"] == 3
    assert measures["evaluator/falsely_solved"] == 2 / 3
    assert "generator/falsely_proven" not in MEASURES
