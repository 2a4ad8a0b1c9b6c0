"""Claims about the hand-written programs."""

import ast

import pytest

from sinq_jax.programs.builtin import handwritten
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.normal_form import normal_form
from sinq_jax.programs.program import Program

WRITTEN = handwritten()


def test_there_are_at_least_sixty_and_no_two_are_the_same() -> None:
    assert len(WRITTEN) >= 60
    assert len({normal_form(program.source) for program in WRITTEN}) == len(WRITTEN)


def test_ints_lists_strings_and_tables_occur() -> None:
    kinds = {parameter.kind for program in WRITTEN for parameter in program.parameters}
    assert {"int", "list[int]", "str", "dict[str, int]", "list[list[int]]"} <= kinds
    assert "any" not in kinds


@pytest.mark.parametrize("program", WRITTEN, ids=lambda program: program.name)
def test_each_returns_on_all_inputs_that_are_tried_and_depends_on_them(program: Program) -> None:
    namespace: dict[str, object] = {}
    exec(program.source, namespace)
    function = namespace[program.entry_point]
    assert callable(function)
    texts = enumerate_inputs(program, 48, seed=0)
    results = [repr(function(**ast.literal_eval(text))) for text in texts]
    assert len(set(results)) > 1
    assert 3 <= program.source.count("\n") <= 17
