"""Equivalent statements: values that get a name first, assignments together or exchanged, code that
does nothing, and variables under other names.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

from sinq_jax.programs.equivalents.branches import INDENT, ifs
from sinq_jax.programs.equivalents.facts import Facts
from sinq_jax.programs.equivalents.source import PRODUCT, TEST, Source

SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
NEW_NAMES = ("value", "current", "item", "count", "acc", "k")


def named_result(source: Source, facts: Facts) -> Iterator[str | None]:
    """``return e`` to ``result = e`` and ``return result``."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            value = node.value if isinstance(node, ast.Return) else None
            if value and not isinstance(value, ast.Name | ast.Constant):
                name = facts.fresh("result", "answer", "value")
                new = [f"{name} = {source.of(value)}", f"return {name}"]
                yield source.with_statements(block, place, place + 1, new)


def inlined_result(source: Source, facts: Facts) -> Iterator[str | None]:
    """``t = e`` and ``return t`` to ``return e``."""
    for block in facts.blocks():
        for place, (first, second) in enumerate(pairwise(block)):
            value = second.value if isinstance(second, ast.Return) else None
            ours = assigned(first)
            ours = None if ours and ours[0] in facts.captured else ours
            if ours and isinstance(value, ast.Name) and value.id == ours[0]:
                new = [f"return {source.of(ours[1])}"]
                yield source.with_statements(block, place, place + 2, new)


def named_condition(source: Source, facts: Facts) -> Iterator[str | None]:
    """``if c:`` to ``flag = c`` and ``if flag:``."""
    for block, place, node in ifs(source, facts):
        if not isinstance(node.test, ast.Name | ast.Constant):
            name = facts.fresh("flag", "check", "holds")
            head, *rest = source.lines([node])
            if head == f"if {source.of(node.test)}:":
                new = [f"{name} = {source.of(node.test)}", f"if {name}:", *rest]
                yield source.with_statements(block, place, place + 1, new)


def named_iterable(source: Source, facts: Facts) -> Iterator[str | None]:
    """``for v in e:`` to ``items = e`` and ``for v in items:``."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            if isinstance(node, ast.For) and not isinstance(node.iter, ast.Name):
                name = facts.fresh("items", "values", "sequence")
                head, *rest = source.lines([node])
                target = source.of(node.target)
                if head == f"for {target} in {source.of(node.iter)}:":
                    new = [f"{name} = {source.of(node.iter)}", f"for {target} in {name}:", *rest]
                    yield source.with_statements(block, place, place + 1, new)


def unpacked(source: Source, facts: Facts) -> Iterator[str | None]:
    """``a = x`` and ``b = y`` to ``a, b = x, y`` where ``y`` does not name ``a``."""
    for block in facts.blocks():
        for place, (first, second) in enumerate(pairwise(block)):
            ours, theirs = assigned(first), assigned(second)
            if not ours or not theirs or ours[0] in {theirs[0], *facts.captured}:
                continue
            if not _names(theirs[1], ours[0]):
                values = f"{source.of(ours[1], TEST)}, {source.of(theirs[1], TEST)}"
                new = [f"{ours[0]}, {theirs[0]} = {values}"]
                yield source.with_statements(block, place, place + 2, new)


def one_by_one(source: Source, facts: Facts) -> Iterator[str | None]:
    """``a, b = x, y`` to ``a = x`` and ``b = y``, where no later value names an earlier name."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            parts = _parts(node)
            clash = any(
                _names(later, name)
                for i, (name, _) in enumerate(parts)
                for _, later in parts[i + 1 :]
            )
            late = facts.captured & {name for name, _ in parts}
            if parts and not clash and not late:
                new = [f"{name} = {source.of(value)}" for name, value in parts]
                yield source.with_statements(block, place, place + 1, new)


def assigned(node: ast.stmt) -> tuple[str, ast.expr] | None:
    """The variable that a plain assignment sets, and the value."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        return (target.id, node.value) if isinstance(target, ast.Name) else None
    return None


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


def _parts(node: ast.stmt) -> list[tuple[str, ast.expr]]:
    """The names of ``a, b = x, y`` with their values; none for anything else."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return []
    target, value = node.targets[0], node.value
    if not isinstance(target, ast.Tuple) or not isinstance(value, ast.Tuple):
        return []
    names = [each.id for each in target.elts if isinstance(each, ast.Name)]
    plain = not any(isinstance(each, ast.Starred) for each in value.elts)
    whole = len({*names}) == len(target.elts) == len(value.elts) and plain
    return list(zip(names, value.elts, strict=True)) if whole else []


def reordered(source: Source, facts: Facts) -> Iterator[str | None]:
    """Two assignments that cannot fail and do not name each other's variables, exchanged."""
    for block in facts.blocks():
        for place, (first, second) in enumerate(pairwise(block)):
            ours, theirs = assigned(first), assigned(second)
            if not ours or not theirs or ours[0] == theirs[0]:
                continue
            apart = not _names(theirs[1], ours[0]) and not _names(ours[1], theirs[0])
            if apart and _cannot_fail(facts, ours[1]) and _cannot_fail(facts, theirs[1]):
                new = [*source.lines([second]), *source.lines([first])]
                yield source.with_statements(block, place, place + 2, new)


def _cannot_fail(facts: Facts, value: ast.expr) -> bool:
    """Whether it is a constant, a parameter or an empty container."""
    empty = isinstance(value, ast.List | ast.Tuple) and not value.elts
    return empty or facts.is_calm(value) or (isinstance(value, ast.Dict) and not value.keys)


def augmented(source: Source, facts: Facts) -> Iterator[str | None]:
    """``t += e`` to ``t = t + e``, of whole numbers."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            if isinstance(node, ast.AugAssign) and facts.is_whole(node.value):
                name, sign = source.of(node.target), SIGNS.get(type(node.op))
                if sign and isinstance(node.target, ast.Name) and facts.is_whole(node.target):
                    new = [f"{name} = {name} {sign} {source.of(node.value, PRODUCT + 1)}"]
                    yield source.with_statements(block, place, place + 1, new)


def gathered(source: Source, facts: Facts) -> Iterator[str | None]:
    """``t = t + e`` to ``t += e``, of whole numbers."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            name, value = assigned(node) or (None, None)
            if isinstance(value, ast.BinOp) and facts.is_whole(value):
                sign = SIGNS.get(type(value.op))
                if sign and isinstance(value.left, ast.Name) and value.left.id == name:
                    new = [f"{name} {sign}= {source.of(value.right)}"]
                    yield source.with_statements(block, place, place + 1, new)


def dead_code(source: Source, facts: Facts) -> Iterator[str | None]:
    """A variable that nothing reads, or a branch that is never taken, before a statement."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            if isinstance(node, ast.Return | ast.For | ast.If | ast.Assign) and not _elif(
                source, node
            ):
                name = facts.fresh("unused", "extra", "spare")
                yield source.with_statements(block, place, place, [f"{name} = 0"])
                never = ["if False:", f"{INDENT}return None"]
                yield source.with_statements(block, place, place, never)


def _elif(source: Source, node: ast.stmt) -> bool:
    return source.text.line(node.lineno).lstrip().startswith("elif")


def repeated_assignment(source: Source, facts: Facts) -> Iterator[str | None]:
    """A parameter set to itself at the start, after a docstring."""
    body = facts.function.body
    start = int(isinstance(body[0], ast.Expr) and len(body) > 1)
    for name in sorted(facts.parameters - facts.inner):
        yield source.with_statements(body, start, start, [f"{name} = {name}"])


def renamed(source: Source, facts: Facts) -> Iterator[str | None]:
    """A local variable under another name, where it is bound before it is read: an error about a
    variable without a value would tell its name.
    """
    for name in sorted(facts.local - facts.parameters - facts.inner):
        if _is_bound_first(facts, name):
            yield source.with_name(facts.function, name, facts.fresh(*NEW_NAMES))


def _is_bound_first(facts: Facts, name: str) -> bool:
    """Whether the first statement of the function that names it sets it, or one loop does and
    nothing outside of that loop names it.
    """
    for statement in facts.function.body:
        if _names(statement, name):
            ours = assigned(statement)
            sets = ours is not None and ours[0] == name and not _names(ours[1], name)
            return sets or _only_in_loop(facts, name)
    return False


def _only_in_loop(facts: Facts, name: str) -> bool:
    for node in ast.walk(facts.function):
        if isinstance(node, ast.For) and _names(node.target, name):
            inside = facts.occurrences(name, node.body) + facts.occurrences(name, [node.target])
            return inside == facts.occurrences(name)
    return False
