"""Equivalent loops: ``for`` and ``while``, comprehensions and loops that collect the same."""

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sinq_jax.programs.equivalents.branches import INDENT
from sinq_jax.programs.equivalents.conditions import expressions, negation
from sinq_jax.programs.equivalents.facts import Facts
from sinq_jax.programs.equivalents.source import TEST, Source

LISTED = ("list", "sorted", "tuple")
"""Builtins that take all of an iterable before they do anything with it."""


def while_true(source: Source, facts: Facts) -> Iterator[str | None]:
    """``while c: S`` to ``while True:`` that begins with ``if not c: break``."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            if isinstance(node, ast.While) and not node.orelse:
                new = [
                    "while True:",
                    f"{INDENT}if {negation(source, facts, node.test)}:",
                    f"{INDENT}{INDENT}break",
                    *source.lines(node.body, INDENT),
                ]
                yield source.with_statements(block, place, place + 1, new)


def counting_while(source: Source, facts: Facts) -> Iterator[str | None]:
    """``for i in range(n): S`` to a ``while`` that counts, where ``n`` is a whole number, and ``i``
    is seen nowhere else and set by nothing else.
    """
    for block in facts.blocks():
        for place, node in enumerate(block):
            counted = _counted(facts, node)
            if counted is None or not isinstance(node, ast.For):
                continue
            name, start, stop = counted
            limit, head = source.of(stop, TEST), []
            if not isinstance(stop, ast.Constant):
                limit = facts.fresh("stop", "end", "limit")
                head = [f"{limit} = {source.of(stop)}"]
            first = source.of(start) if start else "0"
            # As range does: the bounds are read in their order, before the first turn.
            new = [
                *(f"{name} = {first}", *head, f"while {name} < {limit}:"),
                *(*source.lines(node.body, INDENT), f"{INDENT}{name} += 1"),
            ]
            yield source.with_statements(block, place, place + 1, new)


def _counted(facts: Facts, node: ast.stmt) -> tuple[str, ast.expr | None, ast.expr] | None:
    """The variable, the start and the stop of a loop that only counts."""
    if not isinstance(node, ast.For) or node.orelse or not isinstance(node.target, ast.Name):
        return None
    call, name = facts.calls(node.iter, "range"), node.target.id
    if call is None or not 1 <= len(call.args) <= 2 or not all(map(facts.is_whole, call.args)):
        return None
    bound = [n for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name) and n.id == name]
    stored = any(isinstance(each.ctx, ast.Store) for each in bound)
    elsewhere = facts.occurrences(name) > len(bound) + 1
    unsure = facts.parameters | facts.inner | facts.captured
    if stored or elsewhere or name in unsure or _continues(node.body):
        return None
    return name, call.args[0] if len(call.args) == 2 else None, call.args[-1]


def _continues(body: Sequence[ast.stmt]) -> bool:
    """Whether a ``continue`` of this loop, and not of one within it, stands in the body."""
    for node in body:
        if isinstance(node, ast.Continue):
            return True
        if isinstance(node, ast.If) and (_continues(node.body) or _continues(node.orelse)):
            return True
    return False


def loop_of_comprehension(source: Source, facts: Facts) -> Iterator[str | None]:
    """``return [e for v in xs if c]`` to a loop that appends; an assignment likewise."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            value = node.value if isinstance(node, ast.Return | ast.Assign) else None
            if not isinstance(value, ast.ListComp) or not _is_plain(facts, value):
                continue
            name = facts.fresh("result", "found", "out")
            if isinstance(node, ast.Return):
                end = f"return {name}"
            else:
                end = f"{source.text.between(*_targets(source, node))} = {name}"
            turn = [f"{name}.append({source.of(value.elt)})"]
            new = [f"{name} = []", *_loop(source, value.generators[0], turn), end]
            yield source.with_statements(block, place, place + 1, new)


def _targets(source: Source, node: ast.stmt) -> tuple[int, int]:
    assert isinstance(node, ast.Assign)
    return source.text.span(node.targets[0])[0], source.text.span(node.targets[-1])[1]


def loop_of_any(source: Source, facts: Facts) -> Iterator[str | None]:
    """``return any(c for v in xs)`` to a loop that returns True, ``all`` to one with False."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            value = node.value if isinstance(node, ast.Return) else None
            call = facts.calls(value, "any", "all") if value else None
            parts = call.args[0] if call and len(call.args) == 1 else None
            # A generator turns a StopIteration out of its parts into another exception.
            if call is None or not isinstance(parts, ast.GeneratorExp) or facts.steps:
                continue
            if _is_plain(facts, parts):
                seeks = isinstance(call.func, ast.Name) and call.func.id == "any"
                test = source.of(parts.elt) if seeks else negation(source, facts, parts.elt)
                turn = [f"if {test}:", f"{INDENT}return {seeks}"]
                new = [*_loop(source, parts.generators[0], turn), f"return {not seeks}"]
                yield source.with_statements(block, place, place + 1, new)


def _loop(source: Source, part: ast.comprehension, turn: list[str]) -> list[str]:
    """The lines of a loop over what a comprehension goes over, that does ``turn`` for each."""
    depth, lines = INDENT, [f"for {source.of(part.target)} in {source.of(part.iter)}:"]
    for test in part.ifs:
        lines.append(f"{depth}if {source.of(test)}:")
        depth += INDENT
    return [*lines, *(depth + line for line in turn)]


def _is_plain(facts: Facts, node: ast.ListComp | ast.GeneratorExp) -> bool:
    """Whether it has one ``for``, over names that the function has nowhere else."""
    part = node.generators[0]
    names = [each.id for each in ast.walk(part.target) if isinstance(each, ast.Name)]
    alone = all(
        facts.occurrences(name)
        == facts.occurrences(name, [node]) - facts.occurrences(name, [part.iter])
        and name not in facts.parameters
        for name in names
    )
    inner = any(
        isinstance(each, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
        for each in ast.walk(node)
        if each is not node
    )
    return len(node.generators) == 1 and alone and not inner and not part.is_async


def comprehension_of_loop(source: Source, facts: Facts) -> Iterator[str | None]:
    """``out = []`` and a loop that appends to it, to one comprehension."""
    for block in facts.blocks():
        for place, (first, loop) in enumerate(pairwise(block)):
            name = _empty_list(first)
            if name is None or not isinstance(loop, ast.For) or loop.orelse:
                continue
            found = _appended(loop, name)
            if found is None or not _alone(facts, loop, name):
                continue
            element, tests = found
            filters = "".join(f" if {source.of(test, TEST)}" for test in tests)
            over = f"for {source.of(loop.target)} in {source.of(loop.iter, TEST)}"
            new = [f"{name} = [{source.of(element, TEST)} {over}{filters}]"]
            yield source.with_statements(block, place, place + 2, new)


def _empty_list(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Name) and isinstance(value, ast.List) and not value.elts:
            return target.id
    return None


def _appended(loop: ast.For, name: str) -> tuple[ast.expr, list[ast.expr]] | None:
    """What a loop appends to a list and does nothing else, and under which conditions."""
    body, tests = loop.body, []
    while len(body) == 1 and isinstance(body[0], ast.If) and not body[0].orelse:
        tests.append(body[0].test)
        body = body[0].body
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    if not isinstance(call, ast.Call) or len(call.args) != 1 or call.keywords:
        return None
    method = call.func
    if not (isinstance(method, ast.Attribute) and method.attr == "append"):
        return None
    ours = isinstance(method.value, ast.Name) and method.value.id == name
    starred = isinstance(call.args[0], ast.Starred)
    return (call.args[0], tests) if ours and not starred else None


def _alone(facts: Facts, loop: ast.For, name: str) -> bool:
    """Whether the list is only appended to in the loop, and its variables are seen only there."""
    names = {each.id for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
    plain = all(
        isinstance(each, ast.Name | ast.Tuple | ast.expr_context) for each in ast.walk(loop.target)
    )
    here = all(
        facts.occurrences(each) == facts.occurrences(each, [loop]) and each not in facts.parameters
        for each in names
    )
    inner = any(isinstance(each, ast.Lambda) for each in ast.walk(loop))
    over = {each.id for each in ast.walk(loop.iter) if isinstance(each, ast.Name)}
    once = facts.occurrences(name, [loop]) == 1
    return plain and here and once and not inner and not names & (over | facts.inner)


def listed_generator(source: Source, facts: Facts) -> Iterator[str | None]:
    """``sorted([e for v in xs])`` to ``sorted(e for v in xs)``, and back; ``tuple`` and ``list``
    likewise: they take all before they do anything.
    """
    for call in expressions(facts, ast.Call):
        found = facts.calls(call, *LISTED)
        only = found.args[0] if found and len(found.args) == 1 else None
        if found and isinstance(only, ast.ListComp | ast.GeneratorExp) and not facts.steps:
            inside = source.of(only)[1:-1].strip()
            brackets = "()" if isinstance(only, ast.ListComp) else "([])"
            half = len(brackets) // 2
            text = f"{source.of(found.func)}{brackets[:half]}{inside}{brackets[half:]}"
            yield source.with_expression(call, text)
