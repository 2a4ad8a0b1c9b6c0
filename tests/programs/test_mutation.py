"""Claims about the mutation operators."""

import ast
import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinq_jax.programs.builtin import handwritten
from sinq_jax.programs.grammar import generate
from sinq_jax.programs.mutation import mutants
from sinq_jax.programs.program import Parameter, Program

FAMILY = generate(seed=5, count=80)
PROGRAMS = FAMILY + handwritten()


def program(source: str, **kinds: str) -> Program:
    return Program("p", source, "f", tuple(Parameter(name, kind) for name, kind in kinds.items()))


def edits(source: str, operator: str, **kinds: str) -> list[str]:
    return [m.source for m in mutants(program(source, **kinds)) if m.operator == operator]


def signatures(source: str) -> list[str]:
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)]
    return [f"{node.name}({ast.unparse(node.args)})" for node in functions]


@pytest.mark.parametrize("original", PROGRAMS, ids=lambda original: original.name)
def test_mutants_parse_keep_every_signature_and_differ_from_all_others(original: Program) -> None:
    found = mutants(original)
    assert found
    assert found == mutants(original)
    trees = [ast.dump(ast.parse(mutant.source)) for mutant in found]
    assert len({*trees, ast.dump(ast.parse(original.source))}) == len(found) + 1
    for mutant in found:
        assert signatures(mutant.source) == signatures(original.source)


@pytest.mark.parametrize("original", PROGRAMS[::5], ids=lambda original: original.name)
def test_a_mutant_is_one_edit_and_leaves_all_other_lines_as_they_were(original: Program) -> None:
    before = original.source.splitlines()
    for mutant in mutants(original):
        matcher = difflib.SequenceMatcher(a=before, b=mutant.source.splitlines(), autojunk=False)
        changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
        assert len(changed) == 1, mutant


def test_family_offers_enough_mutants_to_choose_from() -> None:
    counts = sorted(len(mutants(original)) for original in FAMILY)
    assert counts[0] >= 5
    assert counts[len(counts) // 10] >= 10
    assert counts[len(counts) * 9 // 10] <= 45


@pytest.mark.parametrize(
    ("operator", "body", "mutated"),
    [
        ("comparison", "return x > 4", "return x >= 4"),
        ("boundary", "return x > 4", "return x > 5"),
        ("boundary", "return x > -4", "return x > -5"),
        ("constant", "return x + 3", "return x + 4"),
        ("modulus", "return x % 3", "return x % 4"),
        ("slice bound", "return xs[1:]", "return xs[2:]"),
        ("text constant", 'return "b"', 'return "c"'),
        ("arithmetic", "return (x) + (3)", "return (x) - (3)"),
        ("swapped operands", "return x - (3)", "return (3) - x"),
        ("boolean", "return x and xs", "return x or xs"),
        ("negation", "return 1 if xs else 2", "return 1 if not xs else 2"),
        ("call", "return abs(x)", "return x"),
        ("call", "return max(x, 3)", "return min(x, 3)"),
        ("method", "return s.upper()", "return s.lower()"),
        ("dropped slice", "return xs[::-1]", "return xs"),
        ("range bound", "return list(range(x))", "return list(range(x + 1))"),
        ("other name", "return x + y", "return y + y"),
        ("shifted result", "return x", "return x + 1"),
        ("augmented assignment", "x += 2\n    return x", "x -= 2\n    return x"),
        ("dropped else", "if x:\n        x = 2\n    else:\n        x = 3\n    return x",
         "if x:\n        x = 2\n    return x"),
        ("dropped statement", "if x:\n        x = 2\n    return x", "return x"),
        ("unguarded", "for v in xs:\n        if v:\n            x += v\n    return x",
         "for v in xs:\n        if True:\n            x += v\n    return x"),
        ("elif to if", "if x > 1:\n        x = 2\n    elif x:\n        x = 3\n    return x",
         "if x > 1:\n        x = 2\n    if x:\n        x = 3\n    return x"),
        ("loop exit", "for v in xs:\n        break\n    return v",
         "for v in xs:\n        continue\n    return v"),
        ("skipping loop", "for v in xs:\n        x += v\n    return x",
         "for v in xs[1:]:\n        x += v\n    return x"),
    ],
)  # fmt: skip
def test_each_operator_makes_its_edit(operator: str, body: str, mutated: str) -> None:
    header = "def f(x, y, xs, s):\n    "
    found = edits(f"{header}{body}\n", operator, x="int", y="int", xs="list[int]", s="str")
    assert f"{header}{mutated}\n" in found


def test_positions_count_in_bytes_so_text_beyond_ascii_stays_whole() -> None:
    source = 'def f(s):\n    return "äöü€" + s if "ß" in s else "𐍈" + s[1:]\n'
    found = [mutant.source for mutant in mutants(program(source, s="str"))]
    assert source.replace('"ß" in s', '"ß" not in s') in found
    assert source.replace("s[1:]", "s[2:]") in found


def test_docstrings_defaults_annotations_and_f_strings_stay() -> None:
    source = (
        'def f(x: "int" = 3, y=4) -> "a":\n    """Adds 1."""\n    return f"{x + 1}" + str(y * 2)\n'
    )
    for mutant in mutants(program(source, x="int", y="int")):
        assert 'def f(x: "int" = 3, y=4) -> "a":\n    """Adds 1."""\n' in mutant.source
        assert 'f"{x + 1}"' in mutant.source


def test_no_mutant_divides_by_zero_or_counts_in_steps_of_zero() -> None:
    source = (
        "def f(n):\n    while n > 1:\n        n //= 2\n        n -= 1\n    return n % 2 + 7 // 2\n"
    )
    for mutant in mutants(program(source, n="int")):
        assert not any(text in mutant.source for text in ("% 0", "/ 0", "//= 1", "//= 0", "-= 0"))


def test_text_that_is_not_python_has_no_mutants() -> None:
    assert mutants(program("def f(x:\n")) == ()
    assert mutants(program("def f(x):\n    return '\0'\n")) == ()


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_no_text_makes_the_operators_fail(text: str) -> None:
    assert isinstance(mutants(program(text)), tuple)
