"""Claims about labelled pairs and measured densities, with the real sandbox."""

import ast
from collections.abc import Iterator

import pytest

from sandbox import Limits, Sandbox
from sandbox.input_text import size_key
from sinq_jax.programs.density import densities, density
from sinq_jax.programs.grammar import generate
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.mutation import mutants
from sinq_jax.programs.pairs import LabelledPair, make_pairs
from sinq_jax.programs.program import Parameter, Program
from sinq_jax.programs.termination import loop_progress

FAMILY = generate(seed=11, count=24)
INPUTS = tuple(f'{{"x": {number}}}' for number in range(-5, 5))
IDENTITY = Program("p", "def f(x):\n    return x\n", "f", (Parameter("x", "int"),))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2, limits=Limits()) as running:
        yield running


@pytest.fixture(scope="module")
def pairs(sandbox: Sandbox) -> tuple[LabelledPair, ...]:
    return make_pairs(sandbox, FAMILY, per_program=2, inputs_per_program=24, seed=0)


def outcome(source: str, text: str) -> object:
    """What one program of the family does; the family and its mutants in use here all end."""
    namespace: dict[str, object] = {}
    exec(source, namespace)
    function = namespace["f"]
    assert callable(function)
    try:
        return function(**ast.literal_eval(text))
    except (ArithmeticError, LookupError, ValueError, TypeError, NameError) as error:
        return type(error), error.args


def test_density_and_labels_are_what_running_both_programs_shows(
    pairs: tuple[LabelledPair, ...],
) -> None:
    for pair in pairs:
        inputs = enumerate_inputs(pair.original, 24, seed=0)
        differing = [
            text
            for text in inputs
            if outcome(pair.original.source, text) != outcome(pair.variant, text)
        ]
        assert pair.diverging == len(differing)
        assert pair.tried == len(inputs)
        assert pair.density == len(differing) / len(inputs)
        assert list(pair.inputs) == differing[:8]
        assert list(pair.inputs) == sorted(pair.inputs, key=size_key)


def test_pairs_are_mutants_of_their_originals_within_the_density_that_was_asked_for(
    sandbox: Sandbox, pairs: tuple[LabelledPair, ...]
) -> None:
    assert len(pairs) >= 36
    assert all(0 < pair.density <= 0.5 for pair in pairs)
    assert len({pair.variant for pair in pairs}) == len(pairs)
    for pair in pairs:
        known = {(mutant.source, mutant.operator) for mutant in mutants(pair.original)}
        assert (pair.variant, pair.operator) in known
    narrow = make_pairs(sandbox, FAMILY, 1, 24, seed=0, density=(0.1, 0.3))
    assert narrow
    assert all(0.1 < pair.density <= 0.3 for pair in narrow)


def test_no_program_has_more_pairs_than_asked_for_and_the_order_is_kept(
    pairs: tuple[LabelledPair, ...],
) -> None:
    names = [pair.original.name for pair in pairs]
    assert max(map(names.count, names)) == 2
    order = [program.name for program in FAMILY]
    assert [order.index(name) for name in names] == sorted(map(order.index, names))


def test_same_arguments_give_the_same_pairs(
    sandbox: Sandbox, pairs: tuple[LabelledPair, ...]
) -> None:
    assert make_pairs(sandbox, FAMILY, 2, 24, seed=0) == pairs
    assert make_pairs(sandbox, FAMILY, 2, 24, seed=1) != pairs


def test_operators_and_densities_are_mixed(pairs: tuple[LabelledPair, ...]) -> None:
    operators = [pair.operator for pair in pairs]
    assert len(set(operators)) >= 8
    assert max(map(operators.count, operators)) <= len(pairs) / 3
    assert min(pair.density for pair in pairs) <= 0.1 < 0.3 <= max(pair.density for pair in pairs)


def test_programs_that_do_not_finish_everywhere_give_no_pairs(sandbox: Sandbox) -> None:
    looping = Program(
        "loop",
        "def f(x):\n    while x > 3:\n        x += 1\n    return x + 1\n",
        "f",
        (Parameter("x", "int"),),
    )
    broken = Program("broken", "def f(x:\n", "f", (Parameter("x", "int"),))
    assert make_pairs(sandbox, [looping, broken], 2, 12, seed=0) == ()
    assert make_pairs(sandbox, [], 2, 12, seed=0) == ()


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("def f(x):\n    return x\n", (0, 10)),
        ("def f(x):\n    return +x\n", (0, 10)),
        ("def f(x):\n    return x + 1\n", (10, 10)),
        ("def f(x):\n    return max(x, 0)\n", (5, 10)),
        ("def f(x):\n    return 6 // x and x\n", (1, 10)),
        ("def f(x:\n", (0, 0)),
        ("import os\n\n\ndef f(x):\n    return 1\n", (0, 0)),
    ],
)
def test_density_counts_the_inputs_on_which_a_variant_differs(
    sandbox: Sandbox, variant: str, expected: tuple[int, int]
) -> None:
    assert density(sandbox, IDENTITY, variant, INPUTS) == expected


def test_many_variants_at_once_are_measured_like_each_alone(sandbox: Sandbox) -> None:
    variants = [(p, mutant.source) for p in FAMILY[:4] for mutant in mutants(p)[:3]]
    assert densities(sandbox, variants, inputs=12) == [
        density(sandbox, program, variant, enumerate_inputs(program, 12, seed=0))
        for program, variant in variants
    ]
    assert densities(sandbox, [], inputs=12) == []


def test_a_limit_draws_evenly_from_all_programs_and_is_never_exceeded(sandbox: Sandbox) -> None:
    some = make_pairs(sandbox, FAMILY, 2, 24, seed=0, limit=12)
    assert 9 <= len(some) <= 12
    places = [FAMILY.index(pair.original) for pair in some]
    assert len(set(places)) == len(places)
    assert max(places) >= 18
    assert make_pairs(sandbox, FAMILY, 2, 24, seed=0, limit=0) == ()


def test_mutants_that_change_what_ends_a_loop_are_not_waited_for(sandbox: Sandbox) -> None:
    source = (
        "def f(n):\n    t = 1\n    while n > 1:\n        t += n\n        n -= 2\n    return t\n"
    )
    program = Program("loop", source, "f", (Parameter("n", "int"),))
    before = sandbox.statistics.get("timeout", 0)
    assert make_pairs(sandbox, [program], 6, 16, seed=0)
    assert sandbox.statistics.get("timeout", 0) == before


def test_progress_of_a_loop_is_its_test_and_what_moves_it() -> None:
    source = (
        "def f(n):\n    t = 0\n    while n > 1:\n        t += n\n        n -= 2\n    return t\n"
    )
    progress = loop_progress(source)
    assert loop_progress(source.replace("t += n", "t += 3 * n")) == progress
    for change in (("n > 1", "n >= 1"), ("n -= 2", "n -= 3"), ("n -= 2", "pass")):
        assert loop_progress(source.replace(*change)) != progress
    assert loop_progress("def f(x):\n    return x\n") == ()
