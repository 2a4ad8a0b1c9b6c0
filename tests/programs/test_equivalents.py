"""Claims about rewrites that change nothing, and about the search that throws away what does."""

import ast
from collections.abc import Iterator
from textwrap import dedent

import pytest

from sandbox import Sandbox
from sinq_jax.programs.builtin import handwritten, load_builtin
from sinq_jax.programs.equivalents import REWRITES, make_equivalents, rewrites
from sinq_jax.programs.equivalents.facts import Facts
from sinq_jax.programs.equivalents.source import Source
from sinq_jax.programs.program import Parameter, Program

EXAMPLES = [
    ("mirrored comparison", "return x == 3", "return 3 == x"),
    ("mirrored comparison", "return 3 < len(x)", "return len(x) > 3"),
    ("negated comparison", "return x != y", "return not x == y"),
    ("negated comparison", "return len(x) < 2", "return not len(x) >= 2"),
    ("moved bound", "return len(x) < 2", "return len(x) <= 1"),
    ("de morgan", "if x and y != 2:\n    return 1", "if not (not x or y == 2):\n    return 1"),
    ("de morgan", "return not (x or y)", "return not x and not y"),
    ("chained comparison", "return x < y and y < 3", "return x < y < 3"),
    ("chained comparison", "return 1 < x <= y", "return 1 < x and x <= y"),
    ("one of", "return x == 1 or x == 'a'", "return x in (1, 'a')"),
    ("one of", "return x in (1, 2)", "return x == 1 or x == 2"),
    ("inverted choice", "return 1 if x else y", "return y if not x else 1"),
    ("commuted operands", "return len(x) + 1", "return 1 + len(x)"),
    ("nothing added", "n = 3\nreturn n", "n = 3\nreturn n + 0"),
    ("split constant", "return x[5]", "return x[4 + 1]"),
    ("spelled range", "return list(range(x))", "return list(range(0, x))"),
    ("inverted if", "if x:\n    y = 1\nelse:\n    y = 2", "if not x:\n    y = 2\nelse:\n    y = 1"),
    ("guard to else", "if x:\n    return 1\nreturn y", "if x:\n    return 1\nelse:\n    return y"),
    ("else to guard", "if x:\n    return 1\nelse:\n    return y", "if x:\n    return 1\nreturn y"),
    ("swapped guard", "if x:\n    return 1\nreturn y", "if not x:\n    return y\nreturn 1"),
    ("choice of returns", "if x:\n    return 1\nreturn y", "return 1 if x else y"),
    ("spread choice", "return 1 if x else y", "if x:\n    return 1\nreturn y"),
    (
        "choice assigned",
        "if x:\n    y = 1\nelse:\n    y = 2\nreturn y",
        "y = 1 if x else 2\nreturn y",
    ),
    ("told truth", "return x < y", "if x < y:\n    return True\nreturn False"),
    ("told truth", "if not x:\n    return False\nreturn True", "return not (not x)"),
    ("nested condition", "if x and y:\n    return 1", "if x:\n    if y:\n        return 1"),
    (
        "while true",
        "while x:\n    x.pop()",
        "while True:\n    if not x:\n        break\n    x.pop()",
    ),
    (
        "counting while",
        "for i in range(len(x)):\n    print(i)",
        "i = 0\nstop = len(x)\nwhile i < stop:\n    print(i)\n    i += 1",
    ),
    (
        "loop of comprehension",
        "return [v + y for v in x if v]",
        "result = []\nfor v in x:\n    if v:\n        result.append(v + y)\nreturn result",
    ),
    (
        "loop of any",
        "return all(v for v in x)",
        "for v in x:\n    if not v:\n        return False\nreturn True",
    ),
    (
        "comprehension of loop",
        "out = []\nfor v in x:\n    if v:\n        out.append(v)\nreturn out",
        "out = [v for v in x if v]\nreturn out",
    ),
    ("listed generator", "return sorted([v for v in x])", "return sorted(v for v in x)"),
    ("named result", "return x + y", "result = x + y\nreturn result"),
    ("inlined result", "t = x + y\nreturn t", "return x + y"),
    ("named condition", "if x > 1:\n    return 1", "flag = x > 1\nif flag:\n    return 1"),
    (
        "named iterable",
        "for v in x[1:]:\n    print(v)",
        "items = x[1:]\nfor v in items:\n    print(v)",
    ),
    ("unpacked", "a = x\nb = y + 1\nreturn a", "a, b = x, y + 1\nreturn a"),
    ("one by one", "a, b = y, x\nreturn a", "a = y\nb = x\nreturn a"),
    ("reordered", "a = 0\nb = []\nreturn a", "b = []\na = 0\nreturn a"),
    ("augmented", "n = 1\nn += len(x)", "n = 1\nn = n + len(x)"),
    ("gathered", "n = 1\nn = n * 2\nreturn n", "n = 1\nn *= 2\nreturn n"),
    ("dead code", "return x", "unused = 0\nreturn x"),
    ("repeated assignment", "return y", "x = x\nreturn y"),
    ("renamed", "total = x\nreturn total", "value = x\nreturn value"),
]
"""A rewrite, the body of a function of ``x`` and ``y``, and one of the bodies that it makes."""

REFUSED = [
    ("mirrored comparison", "return x < y", "the message about types would tell the operator"),
    ("mirrored comparison", "return x.pop() == x[0]", "the order of reading matters"),
    ("negated comparison", "return x < 2", "neither holds of NaN"),
    ("commuted operands", "return x + 1", "texts and lists are not added both ways round"),
    ("nothing added", "return x", "a text has no 0 added"),
    ("augmented", "y += [x]", "a list is changed in its place"),
    ("de morgan", "return x and y", "the value is seen, not its truth"),
    ("counting while", "for i in range(x):\n    print(i)", "range tells what is no whole number"),
    ("counting while", "for i in range(3):\n    continue", "the count would not go on"),
    ("counting while", "for i in range(3):\n    print(i)\nreturn i", "one more is left at the end"),
    ("loop of comprehension", "v = y\nreturn [v for v in x] + [v]", "no comprehension alone"),
    (
        "comprehension of loop",
        "v = 0\nout = []\nfor v in x:\n    out.append(v)\nreturn v",
        "v is seen",
    ),
    (
        "comprehension of loop",
        "out = []\nfor v in x:\n    out.append(out)\nreturn out",
        "out is seen",
    ),
    ("unpacked", "a = x\nb = a", "b would be what a was"),
    ("one by one", "x, y = y, x", "x is gone before it is read"),
    ("reordered", "a = x.pop()\nb = x.pop()", "they take turns"),
    ("renamed", "if x:\n    t = 1\nreturn t", "the error would name another variable"),
    (
        "inlined result",
        "try:\n    t = x + y\nexcept TypeError:\n    t = 0\nreturn t",
        "try is unclear",
    ),
    ("one of", "return x == y or x == 2", "only constants equal themselves"),
    (
        "unpacked",
        "a = 1\ng = lambda: a\nprint(x)\na = x\nb = g()",
        "g would be called before a is x",
    ),
    ("one by one", "a = 1\ng = lambda: a\na, b = x, g()", "g would be called after a is x"),
    ("counting while", "for i in range(3):\n    x.append(lambda: i)", "i is read when it is 3"),
    ("loop of any", "return any(next(v) for v in x)", "a generator ends otherwise"),
]


def program(body: str) -> Program:
    lines = "".join(f"    {line}\n" for line in dedent(body).split("\n"))
    kinds = (Parameter("x"), Parameter("y"))
    return Program("p", f"def f(x, y):\n{lines}", "f", kinds)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2) as opened:
        yield opened


@pytest.mark.parametrize(("name", "before", "after"), EXAMPLES)
def test_a_rewrite_makes_what_it_says(name: str, before: str, after: str) -> None:
    made = [ast.unparse(ast.parse(each.source)) for each in rewrites(program(before), [name])]
    assert ast.unparse(ast.parse(program(after).source)) in made


def test_every_rewrite_has_an_example() -> None:
    assert {name for name, *_ in EXAMPLES} == {*REWRITES}


@pytest.mark.parametrize(("name", "body", "reason"), REFUSED)
def test_a_rewrite_is_left_alone_where_it_would_change_something(
    name: str, body: str, reason: str
) -> None:
    assert list(rewrites(program(body), [name])) == [], reason


def test_a_rewrite_leaves_all_other_text_as_it_is() -> None:
    source = 'def f(x):\n    # why t\n    t = "it t"  # t\n    if x:\n        t = x\n    return t\n'
    made = [each.source for each in rewrites(Program("p", source, "f"), ["dead code", "renamed"])]
    assert source.replace("    return", "    unused = 0\n    return") in made
    renamed = source.replace("t = ", "value = ").replace("return t", "return value")
    assert made[-1] == renamed


def test_programs_that_cannot_be_read_by_lines_are_left_alone() -> None:
    sources = ["def f(x): return x == 1\n", "def f(x):\n    a = 1; return a\n", "def f(x"]
    assert [list(rewrites(Program("p", source, "f"))) for source in sources] == [[], [], []]


def test_only_what_the_text_shows_counts_as_a_whole_number() -> None:
    body = "n = len(x)\nm = n * 2\nm += 1\nk = m\nk = x\nfor i in range(x):\n    t = i\nz = n / 2"
    source = Source(program(body).source)
    facts = Facts(source.tree, source.functions[0])
    whole = {name for name in "nmkitzxy" if facts.is_whole(ast.Name(name, ast.Load()))}
    assert whole == set("nmit")
    rest = Source("def f(*n):\n    if n:\n        n = 1\n    return n\n")
    facts = Facts(rest.tree, rest.functions[0])
    assert not facts.is_whole(ast.Name("n", ast.Load()))


def test_no_search_tells_what_is_rewritten_from_what_was(sandbox: Sandbox) -> None:
    """Of the built-in programs, on inputs of the kinds that fit and of any kind."""
    programs = (*handwritten()[::7], *load_builtin(3, 25, 0, 1).train)
    made = make_equivalents(sandbox, programs, 60, "claims", 24)
    assert (made.diverging, made.unclear) == (0, 0)
    assert len(made.pairs) >= 50
    assert all(pair.variant != pair.original.source for pair in made.pairs)
    assert len({name for pair in made.pairs for name in pair.rewrites}) >= 15


def test_what_a_search_tells_apart_is_thrown_away_and_counted(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(source: Source, facts: Facts) -> Iterator[str | None]:
        yield source.source.replace("> 7", "> 8")

    for name in list(REWRITES):
        monkeypatch.delitem(REWRITES, name)
    monkeypatch.setitem(REWRITES, "wrong", wrong)
    one = Program("p", "def f(n):\n    return n > 7\n", "f", (Parameter("n", "int"),))
    never = Program("q", "def g(n):\n    return 0 > 7\n", "g", (Parameter("n", "int"),))
    endless = Program("r", "def h(n):\n    while n > 7 or True:\n        n += 1\n", "h")
    made = make_equivalents(sandbox, [one, never, endless], 3, "claims", 16)
    assert [pair.original for pair in made.pairs] == [never]
    assert (made.diverging, made.unclear) == (1, 1)


def test_the_same_draw_makes_the_same_pairs_and_only_such_as_fit(sandbox: Sandbox) -> None:
    programs = load_builtin(4, 6, 0, 1).train
    first = make_equivalents(sandbox, programs, 6, "one", 8)
    assert make_equivalents(sandbox, programs, 6, "one", 8) == first
    assert make_equivalents(sandbox, programs, 6, "other", 8) != first
    short = make_equivalents(
        sandbox, programs, 6, "one", 8, lambda program, text: len(text) < len(program.source) + 9
    )
    assert short.pairs
    assert all(len(pair.variant) < len(pair.original.source) + 9 for pair in short.pairs)
