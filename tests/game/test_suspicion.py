"""Claims about the suspicion pass, with the real sandbox: what only its writer can tell apart
is suspect, earns nothing and has no difficulty; what a search tells apart is left as it was.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox import Limits, Sandbox
from sinq_jax.game.measures import round_measures
from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.game.referee import Claim, judge
from sinq_jax.game.rewards import generator_reward
from sinq_jax.game.store import timeless
from sinq_jax.game.suspicion import examine, unsolved
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.program import Parameter, Program

SOURCE = "def f(x, s):\n    if x > 3:\n        return len(s)\n    return 0\n"
PROGRAM = Program("p", SOURCE, "f", (Parameter("x", "int"), Parameter("s", "str")))
WRONG = Answer(Completion("", 1, True), "{}", False, Ruling("same", "same outcome", {}))
SOLVED = replace(WRONG, ruling=Ruling("diverges", "different values", {}))
REAL = SOURCE.replace("x > 3", "x > 5")
RIDDLE = SOURCE.replace("x > 3", "x > 3 and (x, s) != (4, 'Xy$z')")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2, limits=Limits(cpu_s=0.1, confirm_cpu_s=0.5)) as opened:
        yield opened


def game(
    variant: str,
    own: str,
    answers: tuple[Answer, ...] = (WRONG, WRONG),
    verdict: str = "diverges",
    program: Program = PROGRAM,
) -> Game:
    ruling = Ruling(verdict, "different values", {})  # type: ignore[arg-type]
    completion, proposal = Completion("", 1, True), Proposal(variant, own)
    return Game(1, program, 10, 0, completion, proposal, ruling, answers, (1, 16))


RIDDLE_GAME = game(RIDDLE, "{'x': 4, 's': 'Xy$z'}")
REAL_GAME = game(REAL, "{'x': 4, 's': 'a'}")


def test_a_riddle_is_suspect_and_a_real_difference_is_not(sandbox: Sandbox) -> None:
    riddle, real = examine(sandbox, [RIDDLE_GAME, REAL_GAME], 64, 16)
    claims = [Claim(PROGRAM, RIDDLE, RIDDLE_GAME.proposal.input)]  # type: ignore[union-attr]
    assert judge(sandbox, claims)[0].verdict == "diverges"
    assert riddle.suspect
    assert riddle.suspicion is not None
    assert (riddle.suspicion.reason, riddle.suspicion.tried) == ("budget used up", 64)
    assert not real.suspect
    assert real.suspicion is not None
    assert real.suspicion.input not in (None, '{"x": 4, "s": "a"}')
    assert real.suspicion.ruling is not None
    assert real.suspicion.ruling.verdict == "diverges"
    assert real.suspicion.ruling.receipt["original"]["repeats"] == 2


def test_a_find_proves_the_difference_when_it_is_judged_again(sandbox: Sandbox) -> None:
    (real,) = examine(sandbox, [REAL_GAME], 64, 16)
    assert real.suspicion is not None
    assert real.suspicion.input is not None
    (ruling,) = judge(sandbox, [Claim(PROGRAM, REAL, real.suspicion.input)])
    assert ruling.verdict == "diverges"


def test_the_writer_s_own_input_is_a_find_only_in_the_sample(sandbox: Sandbox) -> None:
    source = "def f(x):\n    return x\n"
    program = Program("p", source, "f", (Parameter("x", "int"),))
    sample = enumerate_inputs(program, 32, 0)
    assert '{"x": 7}' in sample
    assert '{"x": 9000}' not in sample
    fair, riddle = (
        game(
            f"def f(x):\n    return -7 if x == {only} else x\n",
            f"{{ 'x':{only} }}",
            program=program,
        )
        for only in (7, 9000)
    )
    fair, riddle = examine(sandbox, [fair, riddle], 64, 32)
    assert not fair.suspect
    assert riddle.suspect


def test_equal_code_is_suspect_without_a_run(sandbox: Sandbox) -> None:
    before = sandbox.statistics
    other_clothes = (
        'def f(x: int, s) -> int:\n    """Doc."""\n    if x > 3:\n        return len(s)\n'
    )
    (examined,) = examine(sandbox, [game(other_clothes + "    return 0\n", "{}")], 64, 16)
    assert examined.suspect
    assert examined.suspicion is not None
    assert (examined.suspicion.reason, examined.suspicion.tried) == ("equal code", 0)
    assert sandbox.statistics == before


@pytest.mark.parametrize(
    "played",
    [
        game(RIDDLE, "{'x': 4, 's': 'Xy$z'}", (SOLVED, WRONG)),
        game(RIDDLE, "{'x': 4, 's': 'Xy$z'}", ()),
        game(RIDDLE, "{'x': 4, 's': 'Xy$z'}", verdict="same"),
    ],
    ids=["solved", "never asked about", "not proven"],
)
def test_only_what_was_proven_and_never_solved_is_examined(sandbox: Sandbox, played: Game) -> None:
    assert not unsolved(played)
    assert examine(sandbox, [played], 64, 16) == (played,)


def test_a_budget_of_nothing_switches_the_pass_off(sandbox: Sandbox) -> None:
    assert examine(sandbox, [RIDDLE_GAME], 0, 16) == (RIDDLE_GAME,)


def test_the_same_games_give_the_same_findings_in_any_company(sandbox: Sandbox) -> None:
    games = [RIDDLE_GAME, REAL_GAME]
    together = examine(sandbox, games, 64, 16)
    alone = [examine(sandbox, [each], 64, 16)[0] for each in reversed(games)]
    assert [*map(timeless, together)] == [*map(timeless, reversed(alone))]


def test_an_input_that_has_no_canonical_text_is_no_obstacle(sandbox: Sandbox) -> None:
    variant = SOURCE.replace("x > 3", "x is ... or x > 3")
    (examined,) = examine(sandbox, [game(variant, "{'x': ..., 's': 'a'}")], 64, 16)
    assert examined.suspect


def test_what_is_suspect_earns_nothing_and_has_no_difficulty(sandbox: Sandbox) -> None:
    riddle, real = examine(sandbox, [RIDDLE_GAME, REAL_GAME], 64, 16)
    assert generator_reward(RIDDLE_GAME, "target", 0.5) == 1.0
    assert generator_reward(riddle, "target", 0.5) == 0.0
    assert generator_reward(real, "target", 0.5) == 1.0
    measures = round_measures([riddle, real, REAL_GAME, REAL_GAME], "target", 0.5)
    assert measures["generator/examined_rate"] == 2 / 4
    assert measures["generator/suspect_rate"] == 1 / 4
    assert measures["game/level_10"] == 3
    assert measures["generator/validity"] == 1
