"""CRUXEval: what a function gives for an input, and an input for which it gives a value.

Source: A. Gu et al., "CRUXEval: A Benchmark for Code Reasoning, Understanding and Execution" (ICML
2024).
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox import Judge, Outcome
from sandbox.compare import compare
from sandbox.syntax import parse
from sinq_jax.benchmarks.suites.answers import tagged
from sinq_jax.benchmarks.suites.candidates import steady
from sinq_jax.benchmarks.suites.data_file import DataFile, Row
from sinq_jax.benchmarks.suites.execution import Job, calling, outcomes, reason
from sinq_jax.benchmarks.suites.face import Generative, Mark, Measure, Prompt, Sampling

Side = Literal["input", "output"]
UNREADABLE = "no answer"

_EXAMPLES: dict[Side, tuple[str, str]] = {
    "output": (
        "[PYTHON]\ndef f(words):\n    return sorted(words)[0] + '!'\n"
        "assert f(['pear', 'fig']) == ??\n[/PYTHON]\n",
        "[ANSWER]\nassert f(['pear', 'fig']) == 'fig!'\n[/ANSWER]\n\n",
    ),
    "input": (
        "[PYTHON]\ndef f(words):\n    return sorted(words)[0] + '!'\n"
        "assert f(??) == 'fig!'\n[/PYTHON]\n",
        "[ANSWER]\nassert f(['pear', 'fig']) == 'fig!'\n[/ANSWER]\n\n",
    ),
}
_THOUGHT = (
    "[THOUGHT]\nf sorts the words and puts an exclamation mark behind the first one. Sorted, "
    "'fig' comes before 'pear', so the value is 'fig!'.\n[/THOUGHT]\n"
)
_REQUESTS: dict[Side, str] = {
    "output": "Replace ?? by the value that f returns, as a literal, even if f looks wrong. "
    "Give the whole assertion between [ANSWER] and [/ANSWER].\n\n",
    "input": "Replace ?? by arguments for which the assertion holds; any will do. "
    "Give the whole assertion between [ANSWER] and [/ANSWER].\n\n",
}


@dataclass(frozen=True)
class Sample:
    """A function ``f``, the text of the arguments of one call, and the text of its value."""

    name: str
    code: str
    input: str
    output: str


class CruxEval(Generative[Sample]):
    """Prediction of the ``output`` or of an ``input``; answers are evaluated in the sandbox."""

    measure: Measure = "pass@k"
    many = Sampling(10, 0.2, 0.95)
    shots = 1

    def __init__(self, side: Side, *, reasoning: bool = False) -> None:
        self.name = f"cruxeval_{side}{'_reasoning' if reasoning else ''}"
        self._side, self._reasoning = side, reasoning
        self.sampling = Sampling(new_tokens=1024 if reasoning else 128)
        self.protocol = (
            "As published (Gu et al. 2024): the assertion is completed, and right if it holds; an "
            "output must not call f, an input must. pass@k. Ours: our own words and one example, "
            "and values are compared outside of the child."
        )

    def items(self, file: DataFile) -> list[Sample]:
        return file.read(_sample, "code, input, output and id")

    def content(self, item: Sample) -> str:
        return item.code

    def solution(self, item: Sample) -> str:
        return f"[ANSWER]\nassert f({item.input}) == {item.output}\n[/ANSWER]"

    def prompt(self, item: Sample, *, chat: bool) -> Prompt:
        shown, answer = _EXAMPLES[self._side]
        example = shown + (_THOUGHT if self._reasoning else "") + answer
        held = (
            f"assert f({item.input}) == ??"
            if self._side == "output"
            else f"assert f(??) == {item.output}"
        )
        asked = f"[PYTHON]\n{item.code}\n{held}\n[/PYTHON]\n"
        opening = "[THOUGHT]\n" if self._reasoning else "[ANSWER]\n"
        text = _REQUESTS[self._side] + example + asked
        return Prompt(text if chat else text + opening, stops=("[/ANSWER]",))

    def marks(
        self, asked: Sequence[tuple[Sample, Sequence[str]]], judge: Judge
    ) -> list[list[Mark]]:
        jobs: list[Job] = []
        answers: list[list[str | None]] = []
        for item, texts in asked:
            jobs.append(_job(item.code, item.output))
            read = [self._answer(text) for text in texts]
            jobs += [self._asked(item, each) for each in read if each is not None]
            answers.append(read)
        found = iter([each[0] for each in outcomes(judge, jobs)])
        marked = []
        for read in answers:
            expected = next(found)
            marked.append([_mark(each, next(found) if each else None, expected) for each in read])
        return marked

    def _answer(self, text: str) -> str | None:
        """The answer as an expression: of an output its value, of an input the call of f."""
        # A prompt that ends with the opening tag is gone on from, up to the stop.
        said = tagged(text) if tagged(text) is not None or self._reasoning else text.strip()
        return _expression(said or "", self._side)

    def _asked(self, item: Sample, answer: str) -> Job:
        return _job(item.code if self._side == "input" else "", answer)


def _expression(text: str, side: Side) -> str | None:
    """The side of an assertion ``f(...) == value`` that was asked for, or a bare expression."""
    try:
        nodes = parse(text.strip()).body
    except SyntaxError:
        return None
    match nodes:
        case [ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]))]:
            node = left if side == "input" else right
        case [ast.Expr(value=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]))]:
            node = left if side == "input" else right
        case [ast.Expr(value=value)]:
            node = value
        case _:
            return None
    calls = any(_is_call(each) for each in ast.walk(node))
    if side == "input":
        return ast.unparse(node) if _is_call(node) else None
    return None if calls else ast.unparse(node)


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "f"


def _job(code: str, expression: str) -> Job:
    return Job(calling(steady(code), f"(\n{expression}\n)"), ("{}",))


def _mark(answer: str | None, found: Outcome | None, expected: Outcome) -> Mark:
    if answer is None or found is None:
        return Mark(False, UNREADABLE)
    if found.status != "returned":
        return Mark(False, reason(found), answer)
    right = expected.status == "returned" and compare(found, expected) == "same"
    return Mark(right, "passed" if right else "wrong value", answer)


def _sample(row: Row) -> Sample:
    return Sample(*(str(row[key]) for key in ("id", "code", "input", "output")))
