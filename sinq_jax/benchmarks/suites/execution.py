"""Programs of benchmarks in the sandbox: one call of each, or many, and what came of them.

Nothing that decides (expected values, tolerances) enters the child in which a candidate runs,
except where the published protocol is to run assertions behind it.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sandbox import Judge, Limits, Outcome
from sandbox.input_text import input_text

CALL = "benchmark_call"
"""The entry point that is added to every program."""

LIMITS = Limits(
    sweep_cpu_s=2.0,
    sweep_timeouts=1,
    wall_s=30.0,
    memory_mb=1024,
    confirm_memory_mb=1024,
    input_bytes=1_000_000,
    program_bytes=1_000_000,
)
"""What one call of a benchmark's program may use; one time-out settles a program."""


@dataclass(frozen=True)
class Job:
    """A program and the positional arguments (text, ``input_text``) of its calls."""

    source: str
    inputs: tuple[str, ...]


def calling(program: str, expression: str) -> str:
    """``program`` with an entry point `CALL` of one parameter, ``arguments``, that gives the value
    of ``expression``.
    """
    return f"{program}\n\n\ndef {CALL}(arguments=()):\n    return {expression}\n"


def running(program: str) -> str:
    """``program`` with an entry point that does nothing: to run it is all."""
    return calling(program, "None")


def arguments_text(arguments: object) -> str:
    """The input, for programs made by `calling`, with these ``arguments``."""
    return input_text({"arguments": arguments})


def outcomes(judge: Judge, jobs: Iterable[Job]) -> list[list[Outcome]]:
    """The outcomes of all calls of all jobs, in order; each job has children of its own. The first
    ones run while later ones are still being made.

    Equal jobs are run once: no program in the sandbox has a source of luck, so they end alike.
    ``judge`` has the limits `LIMITS`. After a call that had to be stopped the rest of its job is
    not run.
    """
    places: dict[Job, int] = {}
    order = []

    def new_ones() -> Iterator[tuple[str, str, Sequence[str]]]:
        for job in jobs:
            if job not in places:
                places[job] = len(places)
                yield job.source, CALL, job.inputs
            order.append(places[job])

    found = judge.sweep_all(new_ones())
    return [found[place] for place in order]


def passed(judge: Judge, programs: Sequence[str]) -> list[Outcome]:
    """The outcome of running each program, tests and all: ``returned`` where every test passed."""
    found = outcomes(judge, [Job(running(each), ("{}",)) for each in programs])
    return [each[0] for each in found]


def reason(outcome: Outcome) -> str:
    """What became of a call, in a short phrase that can be counted."""
    if outcome.status == "raised":
        return f"raised {(outcome.error or '').partition(':')[0]}"
    if outcome.status == "refused":
        broken = outcome.error == "syntax error"  # a fault of the program, and no rule of ours
        return "syntax error" if broken else f"refused: {outcome.error}"
    return outcome.status


def value_of(outcome: Outcome) -> object:
    """The plain value that a call returned, read from its text for people.

    Raises ``ValueError`` where that text is cut or spells an object.
    """
    if outcome.status != "returned" or outcome.value is None:
        raise ValueError(f"expected a value, got {outcome.status}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _plain(ast.parse(outcome.value, mode="eval").body)
    except (SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"expected plain data, got {outcome.value[:40]!r}") from error


def _plain(node: ast.expr) -> object:
    """The value of a literal; of these, unlike in `ast.literal_eval`, are NaN and infinity."""
    match node:
        case ast.Constant(value=value) if value is not ...:
            return value
        case ast.Name(id="nan" | "inf" as name):
            return float(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(_plain(operand))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _number(_plain(left)) + _number(_plain(right))
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _number(_plain(left)) - _number(_plain(right))
        case ast.List(elts=items):
            return [_plain(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_plain(item) for item in items)
    return _unordered(node)


def _unordered(node: ast.expr) -> object:
    match node:
        case ast.Set(elts=items):
            return {_plain(item) for item in items}
        case ast.Call(func=ast.Name(id="set"), args=[], keywords=[]):
            return set()
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {_plain(key): _plain(value) for key, value in pairs if key is not None}
    raise ValueError(f"expected plain data, got {ast.unparse(node)[:40]!r}")


def _number(value: object) -> complex:
    if not isinstance(value, int | float | complex):
        raise ValueError(f"expected a number, got {value!r}")
    return value
