"""Claims about the inputs that are tried on a program."""

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.hints import hints_of
from sandbox.input_text import arguments_of, input_text, size_key
from sinq_jax.programs.builtin import handwritten
from sinq_jax.programs.grammar import generate
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.kinds import common_kind, kind_from_annotation, kind_of
from sinq_jax.programs.program import Parameter, Program

PROGRAMS = generate(seed=5, count=60) + handwritten()
KINDS = ["int", "bool", "float", "str", "list[int]", "tuple[int, str]", "tuple[str, ...]"]
KINDS += ["dict[str, int]", "set[int]", "list[list[int]]", "dict[int, list[str]]", "any"]


def values(program: Program, count: int) -> list[object]:
    return [next(iter(ast.literal_eval(t).values())) for t in enumerate_inputs(program, count, 0)]


def test_every_input_is_canonical_binds_and_comes_in_order_of_size() -> None:
    for program in PROGRAMS:
        inputs = enumerate_inputs(program, 32, seed=1)
        assert inputs
        assert len(set(inputs)) == len(inputs) <= 32
        assert list(inputs) == sorted(inputs, key=size_key)
        tree = ast.parse(program.source).body[-1]
        assert isinstance(tree, ast.FunctionDef)
        names = [node.arg for node in tree.args.args]
        for text in inputs:
            assert input_text(arguments_of(text)) == text
            assert list(ast.literal_eval(text)) == names


def test_sample_is_reproducible_and_another_seed_gives_another_one() -> None:
    program = Program("p", "def f(xs):\n    return xs\n", "f", (Parameter("xs", "list[int]"),))
    assert enumerate_inputs(program, 50, 1) == enumerate_inputs(program, 50, 1)
    assert enumerate_inputs(program, 50, 1) != enumerate_inputs(program, 50, 2)


def test_single_whole_number_gets_its_whole_range_and_the_neighbours_of_constants() -> None:
    program = Program("p", "def f(x):\n    return x > 40\n", "f", (Parameter("x", "int"),))
    found = values(program, 64)
    assert set(found) == {*range(-9, 10), 39, 40, 41}
    assert found[:3] == [0, 1, -1]
    assert len(values(program, 5)) == 5


def test_constants_of_the_program_are_tried_whatever_their_sign() -> None:
    assert set(hints_of("def f(x):\n    return x + -77 * 8\n").ints) >= {-77, 8}
    assert hints_of("def f(s):\n    return s == 'yes'\n").strings == ("yes",)
    assert hints_of("def f(:") == hints_of("")


@settings(max_examples=60)
@given(st.sampled_from(KINDS), st.integers(0, 5))
def test_drawn_values_have_the_kind_that_was_asked_for(kind: str, seed: int) -> None:
    program = Program("p", "def f(a, b):\n    pass\n", "f", (Parameter("a", kind), Parameter("b")))
    for text in enumerate_inputs(program, 12, seed):
        value = ast.literal_eval(text)["a"]
        assert kind == "any" or common_kind([kind, kind_of(value)]) == kind


@settings(max_examples=60)
@given(st.data())
def test_inputs_near_examples_keep_the_names_and_types_of_the_examples(data: st.DataObject) -> None:
    value = data.draw(
        st.recursive(
            st.integers(-99, 99) | st.text("abc") | st.booleans() | st.floats(-9, 9),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner),
        )
    )
    examples = (input_text({"a": value, "b": 1}),)
    parameters = (Parameter("a", kind_of(value)), Parameter("b", "int"))
    program = Program("p", "def f(a, b):\n    pass\n", "f", parameters, examples)
    inputs = enumerate_inputs(program, 16, seed=0)
    assert examples[0] in inputs
    for text in inputs:
        arguments = ast.literal_eval(text)
        assert list(arguments) == ["a", "b"]
        if "any" not in kind_of(value):
            assert type(arguments["a"]) is type(value)


def test_program_without_parameters_has_one_input() -> None:
    assert enumerate_inputs(Program("p", "def f():\n    return 1\n", "f"), 9, 0) == ("{}",)


@given(st.lists(st.integers() | st.lists(st.integers() | st.text())))
def test_a_common_kind_does_not_depend_on_order(found: list[object]) -> None:
    kinds = [kind_of(value) for value in found]
    assert common_kind(kinds) == common_kind(reversed(kinds))


def test_annotations_are_read_in_every_spelling() -> None:
    source = (
        "def f(a: int, b: 'list[str]', c: List[int], d: typing.Dict[str, int], e: tuple[int, ...],"
        " g: Callable, h: list, i: int | None, j): pass"
    )
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    kinds = [kind_from_annotation(node.annotation) for node in function.args.args]
    assert kinds[:5] == ["int", "list[str]", "list[int]", "dict[str, int]", "tuple[int, ...]"]
    assert kinds[5:] == ["any", "list[any]", "any", "any"]
