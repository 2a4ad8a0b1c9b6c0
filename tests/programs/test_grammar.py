"""Claims about the generated family."""

import ast
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from sinq_jax.programs.grammar import generate, stream
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.normal_form import normal_form
from sinq_jax.programs.program import Program

FAMILY = generate(seed=3, count=300)


def outcomes(program: Program) -> list[str]:
    """What the program does on a sample of inputs; the family is safe to run in this process."""
    namespace: dict[str, object] = {}
    exec(program.source, namespace)
    function = namespace[program.entry_point]
    assert callable(function)
    found = []
    for text in enumerate_inputs(program, 40, seed=99):
        try:
            found.append(repr(function(**ast.literal_eval(text))))
        except (ArithmeticError, LookupError, ValueError) as error:
            found.append(f"raised {type(error).__name__}")
    return found


def test_same_seed_gives_the_same_programs_and_a_longer_run_begins_with_the_shorter_one() -> None:
    assert generate(seed=3, count=300) == FAMILY
    assert generate(seed=3, count=50) == FAMILY[:50]


def test_another_seed_gives_other_programs() -> None:
    other = {program.source for program in generate(seed=4, count=50)}
    assert len(other & {program.source for program in FAMILY[:50]}) < 5


def test_programs_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    code = (
        "from sinq_jax.programs.grammar import generate;print(*[p.source for p in generate(7, 40)])"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]
    assert texts[0].count(b"def f(") == 40


def test_no_program_is_another_one_with_its_names_changed() -> None:
    forms = [normal_form(program.source) for program in FAMILY]
    assert len(set(forms)) == len(forms)


def test_every_program_is_short_canonical_and_calls_its_entry_point_f() -> None:
    for program in FAMILY:
        assert ast.unparse(ast.parse(program.source)) + "\n" == program.source.replace('"', "'")
        assert 2 <= program.source.count("\n") <= 8, program.source
        assert program.source.startswith("def f(")
        assert {p.name for p in program.parameters} <= {"x", "y", "n", "xs", "s"}


def test_every_program_returns_on_most_inputs_and_is_not_constant() -> None:
    for program in FAMILY:
        found = outcomes(program)
        raised = [outcome for outcome in found if outcome.startswith("raised")]
        assert len(raised) <= 0.3 * len(found), program.source
        assert len(set(found)) > 1, program.source


def test_all_kinds_of_parameters_occur() -> None:
    kinds = {tuple(p.kind for p in program.parameters) for program in FAMILY}
    assert kinds == {("int",), ("int", "int"), ("list[int]",), ("str",)}


@settings(max_examples=20)
@given(st.integers())
def test_every_seed_starts_a_stream_of_valid_programs(seed: int) -> None:
    program = next(stream(seed))
    assert ast.parse(program.source)
