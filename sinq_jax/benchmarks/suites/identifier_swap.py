"""Builtin identifier swap: after ``len, print = print, len`` the unusual continuation is right.

Source: A. V. Miceli-Barone, F. Barez, I. Konstas and S. B. Cohen, "The Larger They Are, the Harder
They Fail: Language Models do not Recognize Identifier Swaps in Python", Findings of ACL 2023.
"""

import ast
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox import Judge
from sandbox.syntax import parse
from sinq_jax.benchmarks.suites.answers import chosen
from sinq_jax.benchmarks.suites.data_file import DataFile, Row
from sinq_jax.benchmarks.suites.face import (
    Comparison,
    Generative,
    Likelihood,
    Mark,
    Prompt,
    Sampling,
)
from sinq_jax.programs.normal_form import fraction

Escapes = Literal["kept", "evaluated"]

LETTERS = ("A", "B")
_OPENING, _BETWEEN, _CLOSING = '["""', '""", """', '"""]'


@dataclass(frozen=True)
class Swap:
    """A program's beginning and the two ways to go on, of which ``right`` is the index."""

    name: str
    beginning: str
    continuations: tuple[str, str]
    right: int


def read_swaps(file: DataFile, escapes: Escapes = "kept") -> list[Swap]:
    r"""The rows of the published CSV.

    The file was written without escaping what stands in its literals, so evaluating them turns the
    ``\n`` of a program's own strings into line ends and breaks the program. ``kept`` takes the text
    between the quotes as it stands, ``evaluated`` is what the published score was computed from.
    """
    names = iter(range(len(file.rows)))
    return file.read(lambda row: _swap(row, next(names), escapes), "a swap with two continuations")


def broken(swaps: Sequence[Swap]) -> list[str]:
    """The names of swaps of which no continuation makes the beginning a Python program."""
    return [
        swap.name
        for swap in swaps
        if not any(_is_program(swap.beginning + each) for each in swap.continuations)
    ]


class SwapLikelihood(Likelihood[Swap]):
    """The published form: the log-probabilities of both continuations, normalised over the two."""

    def __init__(self, name: str, escapes: Escapes) -> None:
        self.name, self._escapes = name, escapes
        self.protocol = (
            "As published (Miceli-Barone et al. 2023): summed log-probabilities of both "
            "continuations, normalised over the two, no length normalisation. "
        )
        self.protocol += (
            "Strings are read raw, which mends the rows that the published reading breaks."
            if escapes == "kept"
            else "With the published reading of strings, which breaks 95 and 87 of 1,000 rows."
        )

    def items(self, file: DataFile) -> list[Swap]:
        return read_swaps(file, self._escapes)

    def content(self, item: Swap) -> str:
        return item.beginning + item.continuations[item.right]

    def comparison(self, item: Swap) -> Comparison:
        return Comparison(item.beginning, item.continuations, item.right)


class SwapChoice(Generative[Swap]):
    """The generative form: both whole programs are shown, and the model names the right one."""

    def __init__(self, name: str, *, reasoning: bool) -> None:
        self.name, self._reasoning = name, reasoning
        self.sampling = Sampling(new_tokens=2048 if reasoning else 8)
        self.protocol = (
            "Ours: both programs under the letters A and B, in an order that depends on the item "
            f"alone; greedy, {'with' if reasoning else 'without'} reasoning. "
            "What names no letter is wrong."
        )

    def items(self, file: DataFile) -> list[Swap]:
        return read_swaps(file)

    def content(self, item: Swap) -> str:
        return item.beginning + item.continuations[item.right]

    def prompt(self, item: Swap, *, chat: bool) -> Prompt:
        order = item.continuations if not _turned(item) else item.continuations[::-1]
        programs = [
            f"Program {letter}:\n\n{item.beginning}{body}\n"
            for letter, body in zip(LETTERS, order, strict=True)
        ]
        ask = (
            "Think step by step, then end with a line `Answer: A` or `Answer: B`."
            if self._reasoning
            else "Reply with one letter, A or B."
        )
        text = (
            "Two Python programs differ in the names that they call. One of them does what its "
            "author meant, given everything it says before; the other does not.\n\n"
            + "\n".join(programs)
            + f"\nWhich program is the right one? {ask}\n"
        )
        return Prompt(text if chat or self._reasoning else text + "\nAnswer:")

    def marks(self, asked: Sequence[tuple[Swap, Sequence[str]]], judge: Judge) -> list[list[Mark]]:
        return [[self._mark(item, text) for text in texts] for item, texts in asked]

    def solution(self, item: Swap) -> str:
        return f"Answer: {self.expected(item)}"

    def expected(self, item: Swap) -> str:
        return LETTERS[item.right ^ _turned(item)]

    def _mark(self, item: Swap, text: str) -> Mark:
        answer = chosen(text, LETTERS)
        right = answer == self.expected(item)
        return Mark(right, "answered" if answer else "no letter", answer)


def _turned(item: Swap) -> bool:
    """Whether the second continuation is shown first: half of the items, always the same ones."""
    return fraction(f"{item.name} {item.beginning}") < 0.5


def _swap(row: Row, number: int, escapes: Escapes) -> Swap:
    classes = row["classes"]
    right = int(row["answer_index"])
    if escapes == "kept":
        if not (classes.startswith(_OPENING) and classes.endswith(_CLOSING)):
            raise ValueError(f"classes that begin with {classes[:10]!r}")
        parts = classes[len(_OPENING) : -len(_CLOSING)].split(_BETWEEN)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parts = ast.literal_eval(classes)
    if len(parts) != 2 or right not in (0, 1):
        raise ValueError(f"{len(parts)} continuations and the index {right}")
    return Swap(str(number), row["prompt"], (parts[0], parts[1]), right)


def _is_program(source: str) -> bool:
    try:
        parse(source)
    except SyntaxError:
        return False
    return True
