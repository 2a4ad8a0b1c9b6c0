"""Claims about what an intake keeps: what holds and can be found again, and it counts the rest."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sinq_jax.audit.proofs import Row, Source
from sinq_jax.audit.reading import read_files
from sinq_jax.game.jsonl import write_games
from sinq_jax.game.published import Published, program_of, publish
from sinq_jax.game.records import Answer, Completion, Ruling
from sinq_jax.intake import Intake, take_in
from sinq_jax.intake.keeping import distinct
from sinq_jax.programs.program import Parameter
from tests.audit.scene import CASES, LIMITS, ORIGINAL, f, game, write_all
from tests.game.test_suspicion import RIDDLE_GAME, SOURCE

RIDDLE = RIDDLE_GAME.proposal
QUICK = [case for case in CASES if "while" not in case.variant and case.original == ORIGINAL]
"""Without loops that do not end: the audit's tests have them."""
HOLDING = [case for case in QUICK if case.verdict == "diverges"]
OTHERS = [case for case in QUICK if case.verdict != "diverges"]


def taken(*variants: Published) -> Intake:
    rows = tuple(Row(f"a:{place}", each) for place, each in enumerate(variants))
    return take_in([Source("a", rows)], workers=2, limits=LIMITS)


def test_from_every_format_the_same_proofs_are_kept_and_the_others_counted(tmp_path: Path) -> None:
    for path in write_all(tmp_path, *QUICK):
        found = take_in(read_files([path]), workers=2, limits=LIMITS)
        kept = [(each.original, each.input, each.level) for each in found.kept]
        assert kept == [(case.original, case.input, 5) for case in HOLDING], path.name
        assert found.left_out == Counter(f"{case.verdict}: {case.reason}" for case in OTHERS)
        assert (found.read, found.disproved, found.broken) == (len(QUICK), 0, 0)


def test_a_proof_is_kept_once_and_each_analysis_of_it_too() -> None:
    first = publish("f", "P", "Q", "{}", None, "one", ["{'a': 1}"])
    again = publish("f", "P", "Q", "{} ", 7, "one", ["{'b': 1}"])
    later = replace(first, level=3)
    other = replace(first, analysis="two")
    assert distinct([first, again, other, later]) == [
        publish("f", "P", "Q", "{}", 7, "one", ["{'a': 1}", "{'b': 1}"]),
        other,
    ]


def test_an_input_that_an_answer_was_said_to_have_found_must_hold_or_the_level_goes() -> None:
    original, variant = f("return x"), f("return x + (x > 5)")
    true = publish("f", original, variant, "{'x': 6}", 5, "", ["{'x': 7}"])
    false = replace(true, analysis="other", others=("{'x': 7}", "{'x': 1}"))
    found = taken(true, false)
    assert found.kept == (true, replace(false, level=None, others=("{'x': 7}",)))
    assert (found.disproved, found.left_out) == (1, {})


def test_what_only_its_writer_can_tell_apart_is_left_out_unless_an_answer_did() -> None:
    assert RIDDLE is not None
    riddle = publish("f", SOURCE, RIDDLE.variant, RIDDLE.input, 10)
    unknown = replace(riddle, level=None, analysis="other")
    real = replace(riddle, variant=SOURCE.replace("x > 3", "x > 5"), input="{'x': 4, 's': 'a'}")
    easier = replace(riddle, level=8, analysis="others found it")
    found = taken(riddle, unknown, real, easier)
    assert found.kept == (real, easier)
    assert found.left_out == {"suspect: budget used up": 2}


def test_a_game_is_taken_in_with_what_its_answers_found(tmp_path: Path) -> None:
    case = HOLDING[0]
    right = Answer(Completion("", 1, True), "{'x': 11}", False, Ruling("diverges", "", {}))
    answers = (right, right, replace(right, input=case.input))
    path = tmp_path / "games.jsonl"
    with path.open("w", encoding="utf-8") as file:
        write_games([replace(game(case), answers=answers)], file)
    found = take_in(read_files([path]), workers=2, limits=LIMITS)
    assert [(each.level, each.others) for each in found.kept] == [(0, ("{'x': 11}",))]


@pytest.mark.parametrize(
    ("original", "parameters"),
    [
        ("def f(x, s='a'):\n    return x\n", (Parameter("x", "int"), Parameter("s", "str"))),
        ("def f(x: list[int]):\n    return x\n", (Parameter("x", "list[int]"),)),
        ("def f(*x):\n    return x\n", ()),
        ("def f(x):\n  return (\n", ()),
        ("g = 1\n", ()),
    ],
)
def test_the_original_is_a_program_whose_kinds_come_from_its_text_or_the_proof(
    original: str, parameters: tuple[Parameter, ...]
) -> None:
    program = program_of(publish("f", original, "Q", "{'x': 1}"))
    assert (program.source, program.entry_point) == (original, "f")
    assert program.parameters == parameters
    assert program.examples == ()
    assert program.name == program_of(publish("f", original, "Q2", "{'x': 2}")).name
