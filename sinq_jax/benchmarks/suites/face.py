"""What a benchmark is: it reads items from a file, asks, and marks what was answered.

Two kinds: a `Generative` one has prompts and marks completions; a `Likelihood` one has
continuations to compare and needs only their log-probabilities. Neither knows a model.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

from sandbox import Judge
from sinq_jax.benchmarks.suites.data_file import DataFile

Measure = Literal["accuracy", "majority", "pass@k", "pairs"]
"""How marks become a figure: the share that is right, the vote of all samples of an item, or the
unbiased chance that one of k samples is right; of ``pairs`` that for both parts, `DIFFERENT` and
`EQUIVALENT`, and their balanced accuracy."""

DIFFERENT, EQUIVALENT = "different", "equivalent"


class Named(Protocol):
    """An item: ``name`` is its own in its benchmark, the same wherever the file is read."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


@dataclass(frozen=True)
class Sampling:
    """How completions are drawn: how many for an item, temperature (0 is greedy), nucleus, and at
    most how many new tokens.
    """

    samples: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    new_tokens: int = 512


@dataclass(frozen=True)
class Prompt:
    """What a model reads: ``text`` as it is, or as the one turn of a user where the model chats.

    A completion may end before any of ``stops``; scorers cut there again, so to stop is only
    cheaper.
    """

    text: str
    stops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Continuations of one context, of which ``right`` is the index of the right one."""

    context: str
    continuations: tuple[str, ...]
    right: int


@dataclass(frozen=True)
class Mark:
    """What a scorer says of one completion.

    ``answer`` is what was understood (of benchmarks that run programs, the program), None where
    nothing was: that counts as wrong. ``reason`` is a
    short phrase that can be counted. ``also`` has further verdicts by name, each with a figure of
    its own (of HumanEval+, ``base``: the tests of HumanEval alone).
    """

    right: bool
    reason: str
    answer: str | None = None
    also: Mapping[str, bool] = field(default_factory=dict)


class Benchmark(ABC, Generic[T]):
    """``name`` is what it is called by, ``protocol`` says in a sentence or two how it was published
    and where ours differs. ``shots`` is how many solved examples its prompt shows, None where that
    is another number for a model that chats.
    """

    name: str
    protocol: str
    shots: int | None = 0

    @abstractmethod
    def items(self, file: DataFile) -> list[T]:
        """The items in the order of the file. Raises ``DataFileError``, one line, for a record that
        is none.
        """

    @abstractmethod
    def content(self, item: T) -> str:
        """What of an item a model must not have been trained on."""

    def part(self, item: T) -> str | None:
        """The split of another data set that the item is from, where it matters; else None."""
        return None


class Generative(Benchmark[T]):
    """A model writes, and what it wrote is marked."""

    measure: Measure = "accuracy"
    sampling: Sampling = Sampling()
    many: Sampling = Sampling(10, 0.8, 0.95)
    """Temperature and nucleus where more samples than one are asked for of a greedy benchmark."""

    def drawn(self, samples: int) -> Sampling:
        """How so many samples of an item are drawn."""
        alike = samples == 1 or self.sampling.temperature > 0
        kept = self.sampling if alike else self.many
        return replace(kept, samples=samples, new_tokens=self.sampling.new_tokens)

    @abstractmethod
    def prompt(self, item: T, *, chat: bool) -> Prompt:
        """What the model is asked, as a text to go on with or as a request to one that chats."""

    @abstractmethod
    def marks(self, asked: Sequence[tuple[T, Sequence[str]]], judge: Judge) -> list[list[Mark]]:
        """A mark for each completion of each item, in order; ``judge`` runs programs."""

    @abstractmethod
    def solution(self, item: T) -> str:
        """A completion that is right, from the data itself: a sound scorer gives it all points."""

    def expected(self, item: T) -> str | None:
        """The one right answer as `Mark.answer` spells it; None where there is no one answer."""
        return None


class Likelihood(Benchmark[T]):
    """The right one of some continuations should be the likeliest.

    Scores are sums of the log-probabilities (natural, temperature 1) of the tokens of each
    continuation, without normalisation by length.
    """

    measure: ClassVar[Literal["likelihood"]] = "likelihood"

    @abstractmethod
    def comparison(self, item: T) -> Comparison:
        """What is compared."""
