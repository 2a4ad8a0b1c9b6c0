"""Questions with the answer yes or no about a text, asked in words or scored by likelihood."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox import Judge
from sinq_jax.benchmarks.suites.answers import chosen
from sinq_jax.benchmarks.suites.data_file import DataFile
from sinq_jax.benchmarks.suites.face import (
    Comparison,
    Generative,
    Likelihood,
    Mark,
    Measure,
    Prompt,
    Sampling,
)

ANSWERS = ("no", "yes")


@dataclass(frozen=True)
class Labelled:
    """A text and whether what is asked of it is so."""

    name: str
    text: str
    label: bool


@dataclass(frozen=True)
class Question:
    """What is asked: ``title`` stands before the text, ``words`` behind it; ``read`` has the items
    of a file; ``published`` says what was published and where ours differs.
    """

    title: str
    words: str
    read: Callable[[DataFile], list[Labelled]]
    published: str

    def text(self, item: Labelled) -> str:
        """The question about one item, without how to answer it."""
        return f"{self.title}\n\n```\n{item.text.strip()}\n```\n\n{self.words}"


class YesNo(Generative[Labelled]):
    """The question in words: greedy, or the vote of several samples."""

    def __init__(
        self, name: str, question: Question, *, reasoning: bool = False, samples: int = 1
    ) -> None:
        self.name, self._question, self._reasoning = name, question, reasoning
        self.measure: Measure = "accuracy" if samples == 1 else "majority"
        tokens = 2048 if reasoning else 8
        self.sampling = (
            Sampling(new_tokens=tokens) if samples == 1 else Sampling(samples, 1.0, 0.7, tokens)
        )
        drawn = "Greedy" if samples == 1 else f"Majority of {samples} samples"
        how = "with reasoning" if reasoning else "without reasoning"
        self.protocol = f"{question.published} {drawn}, {how}; what says neither is wrong."

    def items(self, file: DataFile) -> list[Labelled]:
        return self._question.read(file)

    def content(self, item: Labelled) -> str:
        return item.text

    def prompt(self, item: Labelled, *, chat: bool) -> Prompt:
        text = self._question.text(item)
        if self._reasoning:
            return Prompt(
                f"{text} Think step by step, then end with a line `Answer: yes` or `Answer: no`.\n"
            )
        return Prompt(f"{text} Reply with one word, yes or no.\n{'' if chat else 'Answer:'}")

    def marks(
        self, asked: Sequence[tuple[Labelled, Sequence[str]]], judge: Judge
    ) -> list[list[Mark]]:
        return [[self._mark(item, text) for text in texts] for item, texts in asked]

    def solution(self, item: Labelled) -> str:
        return f"Answer: {self.expected(item)}"

    def expected(self, item: Labelled) -> str:
        return ANSWERS[item.label]

    def _mark(self, item: Labelled, text: str) -> Mark:
        answer = chosen(text, ANSWERS)
        right = answer == self.expected(item)
        return Mark(right, "answered" if answer else "neither yes nor no", answer)


class YesNoLikelihood(Likelihood[Labelled]):
    """The question scored: which of the two words is the likelier."""

    def __init__(self, name: str, question: Question) -> None:
        self.name, self._question = name, question
        self.protocol = f"{question.published} By the likelihood of `no` and `yes`."

    def items(self, file: DataFile) -> list[Labelled]:
        return self._question.read(file)

    def content(self, item: Labelled) -> str:
        return item.text

    def comparison(self, item: Labelled) -> Comparison:
        context = f"{self._question.text(item)} Reply with one word, yes or no.\nAnswer:"
        return Comparison(context, (" no", " yes"), int(item.label))
