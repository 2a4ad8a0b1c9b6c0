"""Which drafts join the family: those that run, depend on their input, and have no dead line.

Texts are executed right here, in the process that generates them. That is sound for this family
alone: the grammar writes no import, no attribute beyond list and string methods, and only loops
that end. Texts of any other origin belong into the sandbox.
"""

import ast
from collections import Counter
from types import CodeType

from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.program import Program

PROBES = 32
MIN_RETURNED = 0.9
MAX_SAME_OUTCOME = 0.8
_MARK = "_line_runs"


def is_acceptable(program: Program) -> bool:
    """True where at least 90% of the probes return, no value takes over 80% of them, every
    statement runs on at least one probe, and no line of the body stands there twice (two equal
    branches decide nothing).
    """
    lines = [line.strip() for line in program.source.splitlines()]
    if len(set(lines)) < len(lines):
        return False
    code, statements = _marked(program.source)
    entered: set[int] = set()
    namespace: dict[str, object] = {_MARK: entered.add}
    exec(code, namespace)
    outcomes = _outcomes(namespace[program.entry_point], program)
    failed = outcomes.pop("", 0)
    returned = sum(outcomes.values())
    return (
        len(entered) == statements
        and returned >= MIN_RETURNED * (returned + failed)
        and max(outcomes.values(), default=returned) <= MAX_SAME_OUTCOME * returned
    )


def _outcomes(function: object, program: Program) -> Counter[str]:
    """How often each value came back, by its text; the empty text counts what raised."""
    assert callable(function)
    counts: Counter[str] = Counter()
    for text in enumerate_inputs(program, PROBES, seed=0):
        try:
            counts[repr(function(**ast.literal_eval(text)))] += 1
        except (ArithmeticError, LookupError, ValueError, TypeError):
            counts[""] += 1
    return counts


def _marked(source: str) -> tuple[CodeType, int]:
    """The program with a call before each statement of the function, and how many those are."""
    tree = ast.parse(source)
    count = 0
    for node in list(ast.walk(tree)):
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if not isinstance(body, list) or isinstance(node, ast.Module):
                continue
            marked: list[ast.stmt] = []
            for statement in body:
                call = ast.Call(ast.Name(_MARK, ast.Load()), [ast.Constant(count)], [])
                marked += [ast.Expr(call), statement]
                count += 1
            setattr(node, field, marked)
    return compile(ast.fix_missing_locations(tree), "<family>", "exec"), count
