"""Judge every published proof once, by the sandbox's rules and limits."""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sandbox import Check, Judgement, Limits, Sandbox
from sinq_jax.audit.proofs import Proof, Row, Source
from sinq_jax.audit.reasons import (
    AT_LONGER_LIMITS,
    DIFFERENT_EXCEPTIONS,
    SANDBOX_BROKE,
    Finding,
    broken,
    finding,
)
from sinq_jax.progress import Progress, Standing

WINDOW = 64  # checks underway per worker: enough to keep all busy, few enough to wait for in order


@dataclass(frozen=True)
class Judged:
    """A proof, all rows that publish it (in the order of reading), and what came of it."""

    proof: Proof
    rows: tuple[Row, ...]
    judgement: Judgement
    finding: Finding

    @property
    def level(self) -> int | None:
        """The difficulty of the first row that tells one."""
        return next((row.level for row in self.rows if row.level is not None), None)

    @property
    def levels(self) -> list[int]:
        """Every difficulty it was published with, ascending."""
        return sorted({row.level for row in self.rows if row.level is not None})


@dataclass(frozen=True)
class Audit:
    """What was read, one Judged per proof in the order of first rows, and the sandbox's receipt
    (limits, seeds, rules, versions), which holds for all of them.
    """

    sources: Sequence[Source]
    judged: Sequence[Judged]
    conditions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def broken(self) -> int:
        """How many proofs the sandbox failed at: a fault of this run, not of theirs."""
        return sum(each.finding.reason == SANDBOX_BROKE for each in self.judged)


def audit(
    sources: Sequence[Source],
    *,
    workers: int | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Return the audit of what was read; ``workers`` None means one for each core.

    Raises SandboxError when the sandbox cannot work here as asked.
    """
    published: dict[Proof, list[Row]] = {}
    for source in sources:
        for row in source.rows:
            published.setdefault(row.proof, []).append(row)
    proofs = list(published)
    with Sandbox(workers, limits) as sandbox:
        judgements = list(_judged(sandbox, proofs, progress or Progress()))
        recursing = _recursing(sandbox, proofs, judgements)
        conditions = dict(sandbox.receipt)
    by_type = _by_type(proofs, judgements, workers, limits)
    judged = []
    for proof, judgement in zip(proofs, judgements, strict=True):
        again = by_type.get(proof, judgement)
        found = finding(
            again if broken(again) else judgement,
            proof.input,
            same_type=again.verdict == "same" and judgement.verdict == "diverges",
            recursion=proof in recursing,
        )
        judged.append(Judged(proof, tuple(published[proof]), judgement, found))
    return Audit(sources, judged, conditions)


def _check(proof: Proof) -> Check:
    return Check(proof.id, proof.entry_point, proof.original, proof.variant, proof.input)


def _judged(sandbox: Sandbox, proofs: Sequence[Proof], progress: Progress) -> Iterator[Judgement]:
    """Yield judgements in order, a bounded number of checks underway, and show how far it is."""
    underway: deque[Future[Judgement]] = deque()
    began, done = time.monotonic(), 0

    def finished() -> Judgement:
        nonlocal done
        judgement = underway.popleft().result()
        done += 1
        spent = time.monotonic() - began
        progress.show(Standing("audit", done / len(proofs), checks_per_s=done / max(spent, 1e-3)))
        return judgement

    for proof in proofs:
        if len(underway) == WINDOW * sandbox.workers:
            yield finished()
        underway.append(sandbox.submit(_check(proof)))
    while underway:
        yield finished()


def _by_type(
    proofs: Sequence[Proof],
    judgements: Sequence[Judgement],
    workers: int | None,
    limits: Limits | None,
) -> dict[Proof, Judgement]:
    """Judge the proofs that rest on two exceptions again, by the types of these alone."""
    asked = [
        proof
        for proof, judgement in zip(proofs, judgements, strict=True)
        if judgement.verdict == "diverges" and judgement.reason == DIFFERENT_EXCEPTIONS
    ]
    if not asked:
        return {}
    with Sandbox(workers, limits, exceptions="type") as sandbox:
        return dict(zip(asked, sandbox.check_all(map(_check, asked)), strict=True))


def _recursing(
    sandbox: Sandbox, proofs: Sequence[Proof], judgements: Sequence[Judgement]
) -> set[Proof]:
    """The proofs refuted at longer limits where a program hits the first recursion limit."""
    return {
        proof
        for proof, judgement in zip(proofs, judgements, strict=True)
        if judgement.reason == AT_LONGER_LIMITS
        for source in (proof.original, proof.variant)
        if (sandbox.run(source, proof.entry_point, proof.input).error or "").startswith(
            "RecursionError"
        )
    }
