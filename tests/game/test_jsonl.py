"""Claims about games as JSON lines: there and back without loss, a clear word for other lines."""

import io
import json
from dataclasses import replace

import pytest

from sinq_jax.game.jsonl import read_games, write_games
from sinq_jax.game.lines import LineError
from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.programs.program import Parameter, Program

GAME = Game(
    round=2,
    program=Program(
        "a/1", "def f(x):\n    return x\n", "f", (Parameter("x", "int"),), ('{"x": 1}',)
    ),
    target=10,
    sample=1,
    completion=Completion("edit\ud800", 7, False),
    proposal=Proposal("def f(x):\n    return -x\n", '{"x": 1}'),
    admission=Ruling("diverges", "outcomes differ", {"limits": {"cpu_s": 0.25}}),
    answers=(
        Answer(Completion("x = 2", 3, True), '{"x": 2}', False, Ruling("diverges", "differ", {})),
        Answer(Completion("same", 1, True), None, True, Ruling("invalid", "equivalent", {})),
    ),
    density=(19, 20),
)
REFUSED = replace(
    GAME, proposal=None, admission=Ruling("invalid", "no edit", {}), answers=(), density=None
)


def test_games_come_back_from_json_lines_exactly_equal() -> None:
    stream = io.StringIO()
    assert write_games([GAME, REFUSED], stream) == 2
    assert list(read_games(io.StringIO(stream.getvalue() + "\n"))) == [GAME, REFUSED]


def test_a_line_is_one_object_that_tells_s_and_n() -> None:
    stream = io.StringIO()
    write_games([GAME], stream)
    line = json.loads(stream.getvalue())
    assert (line["s"], line["n"], line["density"]) == (1, 2, {"diverging": 19, "tried": 20})


@pytest.mark.parametrize(
    ("line", "fault"), [("{", "Expecting"), ("{}", "no key 'proposal'"), ("[1]", "indices")]
)
def test_a_line_that_is_no_game_is_named(line: str, fault: str) -> None:
    with pytest.raises(LineError, match=rf"games\.jsonl:2: expected one game.*{fault}"):
        list(read_games(["\n", line], "games.jsonl"))
