"""A search for inputs on which two programs differ, around known inputs.

Known inputs are tried first, then their neighbours (`sandbox.neighbours`), nearest first. Sweeps
find candidates cheaply; every find is proven by a full check before it is reported. The order is
fixed, so the same pair, budget and seed find the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sandbox.face import Judge
from sandbox.hints import hints_of
from sandbox.input_text import arguments_of, input_text, size_key
from sandbox.inputs import parse_input
from sandbox.likeness import equal_code
from sandbox.neighbours import Arguments, inputs_near
from sandbox.programs import RejectedError, prepare
from sandbox.records import Check, Judgement, Limits, Outcome, SandboxError
from sandbox.sweeps import compare_sweeps

BUDGET = 256
WANTED = 4
# Inputs of one sweep: the search stops after one that found enough.
SWEEP = 64
# Candidates of one sweep that are checked beyond those wanted, because a check may not confirm one.
SPARE_CHECKS = 2

FOUND = "found"
EQUAL_CODE = "equal code"
USED_UP = "budget used up"
NO_MORE = "no more inputs"
NOTHING_COMPARED = "no input on which the programs could be compared"


@dataclass(frozen=True)
class Pair:
    """Two programs, and the inputs around which to search.

    known: inputs that are tried themselves. claimed: an input whose neighbours are tried, but not
    itself unless it is known too; with one, the neighbours of `known` are left alone. All are texts
    of dict literals.
    """

    id: str
    entry_point: str
    original: str
    variant: str
    known: tuple[str, ...] = ()
    claimed: str | None = None


@dataclass(frozen=True)
class Find:
    """An input, in canonical form, and the judgement that proves that it diverges."""

    input: str
    judgement: Judgement


@dataclass(frozen=True)
class Findings:
    """What a search found, smallest input first, and why it ended.

    tried: on how many inputs the programs could be compared. reason: `found`, `equal code`,
    `budget used up`, `no more inputs`, or what is wrong with the pair. equal_code: the programs
    are one (`sandbox.likeness`), so nothing was run. exhausted: the budget is used up.
    """

    id: str
    found: tuple[Find, ...]
    tried: int
    reason: str
    equal_code: bool = False
    exhausted: bool = False

    def to_json(self) -> dict[str, object]:
        """Return the findings in the shape of the command line's output."""
        found = [{"input": each.input, **each.judgement.to_json()} for each in self.found]
        for each in found:
            del each["id"]
        return {"id": self.id, "found": found, "tried": self.tried, "reason": self.reason}


def search(
    sandbox: Judge, pair: Pair, budget: int = BUDGET, seed: int = 0, wanted: int = WANTED
) -> Findings:
    """Search for diverging inputs of one pair; the arguments are those of `search_all`."""
    return search_all(sandbox, [pair], budget, seed, wanted)[0]


def search_all(
    sandbox: Judge,
    pairs: Iterable[Pair],
    budget: int = BUDGET,
    seed: int = 0,
    wanted: int = WANTED,
) -> list[Findings]:
    """Search for diverging inputs of many pairs at once; return the findings in their order.

    budget: inputs that are tried for one pair, at most. seed: of what is drawn among the
    neighbours. wanted: a search ends once it has found so many. Raises SandboxError for numbers
    that make no sense; what is wrong with a pair is the reason in its findings.
    """
    for name, value in (("budget", budget), ("wanted", wanted)):
        if value < 1:
            raise SandboxError(f"{name}: expected at least 1, got {value}")
    hunts = [_Hunt.of(pair, sandbox.limits, budget, seed) for pair in pairs]
    while underway := [hunt for hunt in hunts if not hunt.reason]:
        inputs = [hunt.next_inputs() for hunt in underway]
        swept = [(hunt, batch) for hunt, batch in zip(underway, inputs, strict=True) if batch]
        for hunt, candidates in zip(swept, _candidates(sandbox, swept), strict=True):
            hunt[0].candidates = candidates
        _prove(sandbox, [hunt for hunt, _ in swept], wanted)
    return [hunt.findings() for hunt in hunts]


@dataclass
class _Hunt:
    """One search on its way; it is over when it has a reason."""

    pair: Pair
    budget: int
    inputs: Iterator[str] = field(default_factory=lambda: iter(()))
    reason: str = ""
    taken: int = 0
    tried: int = 0
    candidates: list[str] = field(default_factory=list)
    found: list[Find] = field(default_factory=list)

    @classmethod
    def of(cls, pair: Pair, limits: Limits, budget: int, seed: int) -> _Hunt:
        try:
            known, claimed = _usable(pair, limits)
        except RejectedError as reason:
            return cls(pair, budget, reason=str(reason))
        if equal_code(pair.original, pair.variant):
            return cls(pair, budget, reason=EQUAL_CODE)
        return cls(pair, budget, _tries(pair, known, claimed, budget, seed))

    def next_inputs(self) -> list[str]:
        """The inputs of the next sweep; none when the search is over."""
        batch = list(islice(self.inputs, min(SWEEP, self.budget - self.taken)))
        self.taken += len(batch)
        if not batch:
            self.reason = self._end()
        return batch

    def _end(self) -> str:
        if self.found:
            return FOUND
        if not self.tried:
            return NOTHING_COMPARED
        return USED_UP if self.taken >= self.budget else NO_MORE

    def findings(self) -> Findings:
        return Findings(
            id=self.pair.id,
            found=tuple(sorted(self.found, key=lambda find: size_key(find.input))),
            tried=self.tried,
            reason=self.reason,
            equal_code=self.reason == EQUAL_CODE,
            exhausted=self.taken >= self.budget,
        )


def _usable(pair: Pair, limits: Limits) -> tuple[list[Arguments], Arguments | None]:
    """The known inputs that bind, and the claimed one; RejectedError where a search is senseless.

    With `RejectedError` also for programs that cannot be compared at all.
    """
    sides = []
    for side, source in (("original: ", pair.original), ("", pair.variant)):
        try:
            sides.append(prepare(source, pair.entry_point, limits.program_bytes))
        except RejectedError as reason:
            raise RejectedError(f"{side}{reason}") from None
    if sides[0].signature != sides[1].signature:
        raise RejectedError("signature changed")

    def read(text: str) -> Arguments | None:
        try:
            if not sides[0].signature.binds(parse_input(text, limits.input_bytes).names):
                return None
            arguments = arguments_of(text)
            input_text(arguments)
        except (RejectedError, ValueError):
            return None
        return arguments

    known = [each for each in map(read, pair.known) if each is not None]
    claimed = None if pair.claimed is None else read(pair.claimed)
    if not known and claimed is None:
        raise RejectedError("no known input is a dict literal that binds")
    return known, claimed


def _tries(
    pair: Pair, known: list[Arguments], claimed: Arguments | None, budget: int, seed: int
) -> Iterator[str]:
    """Yield the inputs to try, each once: the known ones, then neighbours."""
    texts = list(dict.fromkeys(map(input_text, known)))
    yield from texts
    centres = known if claimed is None else [claimed]
    hints = hints_of(pair.original, pair.variant)
    yield from inputs_near(centres, hints, budget - len(texts), seed, texts)


def _candidates(sandbox: Judge, swept: Sequence[tuple[_Hunt, list[str]]]) -> Iterator[list[str]]:
    """Yield, for each hunt, the inputs of its sweep on which the programs seem to differ.

    Those on which both ended come first, and smaller ones before larger ones.
    """
    originals = {(hunt.pair.original, hunt.pair.entry_point, tuple(i)): None for hunt, i in swept}
    jobs = [*originals, *((h.pair.variant, h.pair.entry_point, tuple(i)) for h, i in swept)]
    outcomes = sandbox.sweep_all(jobs)
    known = dict(zip(originals, outcomes, strict=False))
    for (hunt, inputs), theirs in zip(swept, outcomes[len(originals) :], strict=True):
        ours = known[hunt.pair.original, hunt.pair.entry_point, tuple(inputs)]
        comparison = compare_sweeps(ours, theirs)
        hunt.tried += comparison.tried
        yield _ordered(inputs, comparison.diverging, theirs)


def _ordered(inputs: list[str], places: Sequence[int], outcomes: list[Outcome]) -> list[str]:
    def key(place: int) -> tuple[object, ...]:
        return (outcomes[place].status == "timeout", size_key(inputs[place]))

    return [inputs[place] for place in sorted(places, key=key)]


def _prove(sandbox: Judge, hunts: Sequence[_Hunt], wanted: int) -> None:
    """Check candidates until each hunt has what is wanted, or has tried enough of them."""
    spare = {id(hunt): SPARE_CHECKS for hunt in hunts}
    while hunts:
        tries = [(h, text) for h in hunts for text in h.candidates[: wanted - len(h.found)]]
        judged = sandbox.check_all([_check(hunt.pair, text) for hunt, text in tries])
        for (hunt, text), judgement in zip(tries, judged, strict=True):
            hunt.candidates.remove(text)
            if judgement.verdict == "diverges":
                hunt.found.append(Find(text, judgement))
            else:
                spare[id(hunt)] -= 1
        for hunt in hunts:
            if len(hunt.found) >= wanted:
                hunt.reason = FOUND
        hunts = [h for h in hunts if not h.reason and h.candidates and spare[id(h)] > 0]


def _check(pair: Pair, text: str) -> Check:
    return Check(pair.id, pair.entry_point, pair.original, pair.variant, text)
