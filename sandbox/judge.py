"""The verdict: from the outcomes of an original and a variant to what may be concluded.

A first run under one hash seed finds candidates; a claimed divergence is repeated at longer limits
under the second seed, and counts only if both programs do again what they did. What a repeat
cannot confirm, and every outcome that breaks a rule, is `unstable` and rewards nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sandbox.compare import compare, split
from sandbox.execution import Stage, confirm_stage, first_stage
from sandbox.inputs import Input, parse_input
from sandbox.programs import Program, RejectedError, prepare
from sandbox.records import Check, Exceptions, Judgement, Limits, Outcome, Verdict

RESOURCES = ("timeout", "memory")
RULE_BREAKS = ("refused", "killed", "broken")
RECURSION = "!ERecursionError"
MARGIN = 4

Execute = Callable[[Program, Input, int, Stage], Outcome]
Prepare = Callable[[str, str, int], Program]
Parse = Callable[[str, int], Input]
Pair = tuple[Outcome, Outcome]


class Judge:
    """Judges checks with a given way to execute programs."""

    def __init__(
        self,
        execute: Execute,
        limits: Limits,
        exceptions: Exceptions = "arguments",
        prepare_program: Prepare = prepare,
        parse: Parse = parse_input,
    ) -> None:
        """prepare_program and parse may be replaced by ones that remember their results."""
        self._execute = execute
        self._limits = limits
        self._exceptions = exceptions
        self._prepare = prepare_program
        self._parse = parse
        self._first = first_stage(limits)
        self._confirm = confirm_stage(limits)

    def judge(self, check: Check) -> Judgement:
        """Return the verdict on a check; what is wrong with it is part of the verdict."""
        try:
            question = self.admit(check)
        except RejectedError as reason:
            return Judgement(check.id, "invalid", str(reason))
        return self._observe(check.id, *question)

    def admit(self, check: Check) -> tuple[Program, Program, Input]:
        """Return original, variant and input of a check; raise RejectedError if it is invalid."""
        original = self._program("original: ", check.original, check.entry_point)
        variant = self._program("", check.variant, check.entry_point)
        if original.signature != variant.signature:
            raise RejectedError("signature changed")
        given = self._parse(check.input, self._limits.input_bytes)
        if not original.signature.binds(given.names):
            raise RejectedError("does not bind")
        return original, variant, given

    def _program(self, side: str, source: str, entry_point: str) -> Program:
        try:
            return self._prepare(source, entry_point, self._limits.program_bytes)
        except RejectedError as reason:
            raise RejectedError(f"{side}{reason}") from None

    def _observe(
        self, identity: str, original: Program, variant: Program, given: Input
    ) -> Judgement:
        def run(seed: int, stage: Stage) -> Pair:
            p = self._execute(original, given, seed, stage)
            return p, self._execute(variant, given, seed, stage)

        first = run(0, self._first)
        verdict, reason = self._of_first(first)
        if verdict is not None:
            return Judgement(identity, verdict, reason, *first)
        second = run(1, self._confirm)
        fault = _fault(second)
        if fault:
            return Judgement(identity, "unstable", fault, *second)
        if _limited(first):
            first = self._at_length(first, second, original, variant, given)
        verdict, reason = self._of_both(first, second)
        p, q = (replace(b, repeats=1 + alike(a, b)) for a, b in zip(first, second, strict=True))
        return Judgement(identity, verdict, reason, p, q)

    def _of_first(self, pair: Pair) -> tuple[Verdict | None, str]:
        """Return what a first run settles; None when a divergence has to be confirmed."""
        fault = _fault(pair)
        if fault:
            return "unstable", fault
        p, q = pair
        if p.status == q.status == "output":
            return "unstable", "both results too large"
        if p.status in RESOURCES and q.status in RESOURCES:
            if p.status == q.status:
                return "same", f"both: {p.status}"
            return "unstable", "both ran out of time or memory"
        if _blocked(p) or _blocked(q):
            return "unstable", "blocked without computing"
        difference = self._difference(pair)
        if difference == "same":
            return "same", "same outcome"
        if difference == "unknown":
            return "unstable", "no encoding"
        if self._exceptions == "refuse" and "raised" in (p.status, q.status):
            return "invalid", "an exception proves nothing here"
        return None, ""

    def _difference(self, pair: Pair) -> str:
        """Return `same`, `differ` or `unknown` for two outcomes that broke no rule."""
        p, q = pair
        if p.status != q.status and {p.status, q.status} & {*RESOURCES, "output"}:
            return "differ"
        if self._exceptions == "type" and p.status == q.status == "raised":
            return "same" if _type(p) == _type(q) else "differ"
        return compare(p, q)

    def _at_length(
        self, first: Pair, second: Pair, original: Program, variant: Program, given: Input
    ) -> Pair:
        """Repeat under the first seed what only the first run's limits ended."""
        runs = zip(first, second, (original, variant), strict=True)
        p, q = (
            self._execute(program, given, 0, self._confirm)
            if _is_limited(a) and not alike(a, b)
            else a
            for a, b, program in runs
        )
        return p, q

    def _of_both(self, first: Pair, second: Pair) -> tuple[Verdict, str]:
        difference = self._difference(second)
        if not all(alike(a, b) for a, b in zip(first, second, strict=True)):
            return "unstable", "does not repeat"
        if difference == "same":
            return "same", "same outcome at longer limits"
        if difference == "unknown":
            return "unstable", "no encoding"
        if _blocked(second[0]) or _blocked(second[1]):
            return "unstable", "blocked without computing"
        if "timeout" in (second[0].status, second[1].status):
            bound = self._limits.confirm_cpu_s / MARGIN
            if any(o.cpu_s > bound for o in (*first, *second) if o.status != "timeout"):
                return "unstable", "near the time limit"
        return "diverges", _how(second)


def alike(a: Outcome, b: Outcome) -> bool:
    """Say whether a repeat did what the first run did."""
    if a.encoding is None and b.encoding is None:
        return a.status == b.status
    return a.status == b.status and compare(a, b) == "same"


def _fault(pair: Pair) -> str:
    """Return which rule one of two outcomes broke, or an empty text."""
    for side, outcome in zip(("original: ", ""), pair, strict=True):
        if outcome.status in RULE_BREAKS:
            return f"{side}{outcome.status}: {outcome.error}"
    return ""


def _blocked(outcome: Outcome) -> bool:
    """Say whether wall time ended a run that did not use up its CPU time."""
    return outcome.status == "timeout" and outcome.encoding is None


def _is_limited(outcome: Outcome) -> bool:
    if outcome.status in RESOURCES:
        return True
    return split(outcome.encoding or "")[1].partition("+")[0] == RECURSION


def _limited(pair: Pair) -> bool:
    return any(_is_limited(outcome) for outcome in pair)


def _type(outcome: Outcome) -> str:
    return split(outcome.encoding or "")[1].partition("(")[0]


def _how(pair: Pair) -> str:
    p, q = (outcome.status for outcome in pair)
    if p == q:
        return {"returned": "different values", "raised": "different exceptions"}.get(p, p)
    return f"{p} against {q}"
