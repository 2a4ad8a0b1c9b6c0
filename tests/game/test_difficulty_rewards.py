"""Claims about difficulty and pay: integer levels, no negative reward, unbiased learnability."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.difficulty import LEVELS, level, level_of_density
from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.game.rewards import (
    GeneratorReward,
    evaluator_reward,
    generator_reward,
    worth_searching,
)
from sinq_jax.programs.program import Program

PROGRAM = Program("p", "def f(x):\n    return x\n", "f")
DIVERGES, SAME = Ruling("diverges", "other value", {}), Ruling("same", "equal", {})


def answer(verdict: str) -> Answer:
    return Answer(Completion("{}", 2, True), "{}", False, Ruling(verdict, "reason", {}))


def game(
    solved: int,
    answers: int,
    target: int = 5,
    admission: Ruling = DIVERGES,
    density: tuple[int, int] | None = (1, 10),
) -> Game:
    given_answers = [answer("diverges" if i < solved else "same") for i in range(answers)]
    return Game(
        round=1,
        program=PROGRAM,
        target=target,
        sample=0,
        completion=Completion("", 0, True),
        proposal=Proposal("def f(x):\n    return x + 1\n", '{"x": 0}'),
        admission=admission,
        answers=tuple(given_answers),
        density=density,
    )


def pay(played: Game, kind: GeneratorReward = "target", max_density: float = 0.5) -> float:
    return generator_reward(played, kind, max_density)


counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_a_level_is_ten_times_the_share_of_failures_rounded_down(count: tuple[int, int]) -> None:
    solved, answers = count
    exact = 10 * (1 - Fraction(solved, answers))
    assert level(solved, answers) == exact.__floor__()
    assert level(solved, answers) in LEVELS


def test_ten_answers_have_every_level() -> None:
    """Floats do not: 10 * (1 - 0.8) is 1.9999999999999996."""
    assert [level(solved, 10) for solved in range(10, -1, -1)] == list(LEVELS)


@pytest.mark.parametrize(("solved", "answers"), [(1, 0), (0, 0), (-1, 3), (4, 3)])
def test_counts_that_cannot_be_are_refused_in_one_line(solved: int, answers: int) -> None:
    with pytest.raises(ValueError, match=f"got s={solved}, n={answers}$"):
        level(solved, answers)


@given(counts)
def test_the_level_of_a_density_is_that_of_a_random_guesser(count: tuple[int, int]) -> None:
    assert level_of_density(*count) == level(*count)


@given(counts, st.integers(0, 10))
def test_rewards_lie_within_their_bounds(count: tuple[int, int], target: int) -> None:
    played = game(*count, target)
    assert 0 <= pay(played) <= 1
    if count[1] > 1:
        most = count[1] / (count[1] - 1)
        assert 0 <= pay(played, "learnability") <= most + 1e-9


@given(counts)
def test_the_target_reward_is_largest_at_the_measured_level(count: tuple[int, int]) -> None:
    measured = level(*count)
    rewards = [pay(game(*count, target)) for target in LEVELS]
    assert rewards == pytest.approx([1 - abs(measured - target) / 10 for target in LEVELS])


@pytest.mark.parametrize("verdict", ["same", "invalid", "unstable"])
@pytest.mark.parametrize("kind", ["target", "learnability"])
def test_a_variant_that_proves_nothing_earns_nothing(verdict: str, kind: GeneratorReward) -> None:
    refused = Ruling(verdict, "reason", {})
    assert pay(game(2, 4, admission=refused), kind) == 0
    assert pay(game(0, 0, admission=refused, density=None), kind) == 0


def test_a_variant_that_nobody_was_asked_about_earns_nothing() -> None:
    assert pay(game(0, 0)) == 0


def test_a_variant_that_any_guess_solves_earns_nothing() -> None:
    assert pay(game(2, 4, density=(5, 10))) > 0
    assert pay(game(2, 4, density=(6, 10))) == 0
    assert pay(game(2, 4, density=(6, 10)), max_density=1.0) > 0
    assert pay(game(2, 4, density=None), max_density=1.0) == 0


@pytest.mark.parametrize("answers", [2, 3, 8, 10])
@pytest.mark.parametrize("chance", [0.0, 0.1, 0.5, 0.7, 1.0])
def test_learnability_is_an_unbiased_estimate(answers: int, chance: float) -> None:
    """Summed over all outcomes of n tries with chance p it is 4 p (1 - p), whatever n."""
    expected = sum(
        comb(answers, solved)
        * chance**solved
        * (1 - chance) ** (answers - solved)
        * pay(game(solved, answers), "learnability")
        for solved in range(answers + 1)
    )
    assert expected == pytest.approx(4 * chance * (1 - chance))


def test_learnability_of_one_answer_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^learnability: expected at least 2 .*, got 1$"):
        pay(game(1, 1), "learnability")


def test_a_variant_is_worth_searching_when_there_is_something_that_not_any_guess_finds() -> None:
    refused = Ruling("same", "equal", {})
    assert worth_searching(game(0, 4, density=(1, 10)), 0.5)
    assert worth_searching(game(0, 4, density=(0, 10)), 0.5)  # its own proof is the only one known
    assert worth_searching(game(0, 4, admission=refused, density=(1, 10)), 0.5)
    assert not worth_searching(game(0, 4, admission=refused, density=(0, 10)), 0.5)
    assert not worth_searching(game(0, 4, density=(6, 10)), 0.5)
    assert not worth_searching(game(0, 4, density=None), 0.5)


def test_an_evaluator_is_paid_for_a_diverging_input_and_for_nothing_else() -> None:
    paid = {v: evaluator_reward(answer(v)) for v in ("diverges", "same", "invalid", "unstable")}
    assert paid == {"diverges": 1, "same": 0, "invalid": 0, "unstable": 0}
