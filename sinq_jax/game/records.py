"""What one game leaves behind: frozen records of texts, verdicts and counts, and no arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sinq_jax.programs.program import Program

Role = Literal["generator", "evaluator"]


@dataclass(frozen=True)
class Completion:
    """What a player wrote: the text without the stop token, its length in tokens, and whether it
    stopped by itself.
    """

    text: str
    tokens: int
    finished: bool


@dataclass(frozen=True)
class Proposal:
    """A generator's completion, understood: the variant's whole text and the text of its diverging
    input.
    """

    variant: str
    input: str


@dataclass(frozen=True)
class Unparsed:
    """A completion that does not follow the format; ``reason`` is a short phrase that can be
    counted.
    """

    reason: str


@dataclass(frozen=True)
class Ruling:
    """The referee's word on one input: verdict, a countable reason, and the receipt to check it
    again.

    ``quirky`` is what another judge says, where that one pays (``sinq_jax/game/quirks.py``); None
    where the verdict counts, which is always the sound one.
    """

    verdict: Literal["diverges", "same", "invalid", "unstable"]
    reason: str
    receipt: Mapping[str, Any]
    quirky: bool | None = None

    @property
    def proves(self) -> bool:
        """Whether the judge that pays takes the input for one on which the programs differ."""
        return self.verdict == "diverges" if self.quirky is None else self.quirky


@dataclass(frozen=True)
class Behaviour:
    """What an admitted variant does to its original: ``edit`` has the kinds of its edit, sorted,
    ``outcomes`` is a digest of what it did on the probe inputs.

    ``seen`` counts the admitted variants of the same original that behaved so before it, as far
    back as the archive goes.
    """

    edit: tuple[str, ...]
    outcomes: str
    seen: int = 0


@dataclass(frozen=True)
class Suspicion:
    """What a search says of a proven variant that no answer solved.

    ``input`` is the smallest diverging input that was found without knowing the proof, and
    ``ruling`` the referee's word on it; both are None where there is none. ``tried`` counts the
    inputs on which the programs were compared, ``reason`` says in a countable phrase how the search
    ended.
    """

    reason: str
    tried: int
    input: str | None = None
    ruling: Ruling | None = None


@dataclass(frozen=True)
class Answer:
    """One of the evaluator's n answers to a pair.

    ``input`` is None when the answer claims equivalence (``claims_equivalent``) or could not be
    parsed.
    """

    completion: Completion
    input: str | None
    claims_equivalent: bool
    ruling: Ruling

    @property
    def solved(self) -> bool:
        return self.ruling.proves


@dataclass(frozen=True)
class Game:
    """One generator completion and everything that followed from it.

    ``density`` is (diverging, tried): on how many of a fixed sample of inputs P and Q differ; None
    where Q could not be run. There may be answers to a variant that was not admitted: its writer
    failed to prove it, but the evaluator may find the proof. ``suspicion`` is None where the
    suspicion pass had nothing to do, ``behaviour`` where no archive of behaviours is kept and for
    variants that were not admitted.
    """

    round: int
    program: Program
    target: int
    sample: int
    completion: Completion
    proposal: Proposal | None
    admission: Ruling
    answers: tuple[Answer, ...] = ()
    density: tuple[int, int] | None = None
    suspicion: Suspicion | None = None
    behaviour: Behaviour | None = None

    @property
    def admitted(self) -> bool:
        """Whether the generator's own input was seen to make P and Q diverge, twice."""
        return self.admission.proves

    @property
    def suspect(self) -> bool:
        """Whether only its writer can tell the variant from the original: no answer did, and
        neither did a search around the known inputs.
        """
        return self.suspicion is not None and self.suspicion.input is None

    @property
    def withheld(self) -> bool:
        """Whether it earns nothing and is not learned from, because it is suspect. A quirky judge
        knows no suspicion: what it pays for is searched only to be counted.
        """
        return self.suspect and self.admission.quirky is None

    @property
    def solved(self) -> int:
        """s: how many of the answers diverge."""
        return sum(answer.solved for answer in self.answers)

    @property
    def proofs(self) -> frozenset[str]:
        """Inputs that were seen to diverge: right answers, and the generator's own if it holds."""
        found = {answer.input for answer in self.answers if answer.solved and answer.input}
        own = {self.proposal.input} if self.admitted and self.proposal else set()
        return frozenset(found | own)
