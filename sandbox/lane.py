"""One worker: a trusted process that judges checks, one after another, with servers of its own.

It takes the requests that have come on the socket given as its first argument, answers them, takes
the next ones, and ends when that closes. It is single-threaded and has an interpreter to itself, so
neither a busy main process nor another lane slows it down.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any, TypeVar

from sandbox.execution import Cache, Call, Executor, Stage, first_stage
from sandbox.inputs import Input, parse_input
from sandbox.judge import Judge
from sandbox.post import Inbox, Outbox, Request
from sandbox.programs import Program, RejectedError, prepare
from sandbox.records import Check, Limits, Outcome

REMEMBERED = 1024


class Lane:
    """Answers requests: `check`, `run`, `sweep`."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """settings: as `Sandbox` wrote them."""
        self.limits = Limits(**settings["limits"])
        seeds = tuple(settings["seeds"])
        policy, observe = settings["policy"], settings["observe"]
        private = (settings["room"], settings["isolation"])
        self.executor = Executor(self.limits, policy, observe, seeds, *private)
        self.cache = Cache(settings["cache"])
        self.first = first_stage(self.limits)
        self._told: Counter[str] = Counter()
        self.prepare = _remembering(prepare)
        self.parse = _remembering(parse_input)
        self.judge = Judge(
            self.execute, self.limits, settings["exceptions"], self.prepare, self.parse
        )

    def foresee(self, checks: list[Check]) -> list[bool]:
        """Learn the first outcomes of closed programs; say of which checks no other is needed.

        These programs take turns in a few children. An outcome that cannot be had in this way
        comes from a child of its own, when its check is judged.
        """
        asked = [self._calls_of(check) for check in checks]
        by_tier: dict[int, dict[tuple[object, ...], Call]] = {}
        for program, given in chain.from_iterable(asked):
            key = _key(program, given, 0, self.first)
            if program.closed and key not in self.cache:
                by_tier.setdefault(program.tier, {})[key] = (program, given)
        for calls in by_tier.values():
            outcomes = self.executor.take_turns([*calls.values()], self.first)
            for key, outcome in zip(calls, outcomes, strict=True):
                if outcome is not None:
                    self.cache.put(key, outcome)
        return [all(_key(*call, 0, self.first) in self.cache for call in each) for each in asked]

    def _calls_of(self, check: Check) -> list[Call]:
        try:
            original, variant, given = self.judge.admit(check)
        except RejectedError:
            return []
        return [(original, given), (variant, given)]

    def counts(self) -> dict[str, int]:
        """Return what was counted since this was asked last."""
        new = self.executor.counts - self._told
        self._told = self.executor.counts.copy()
        return new

    def execute(self, program: Program, given: Input, seed: int, stage: Stage) -> Outcome:
        """Return the outcome of one call, a remembered one if there is one."""
        key = _key(program, given, seed, stage)
        known = self.cache.get(key)
        if known is not None:
            self.executor.counts["cache hits"] += 1
            return known
        outcome = self.executor.run(program, given, seed, stage)
        if outcome.status != "broken":
            self.cache.put(key, outcome)
        return outcome

    def answer(self, request: Request) -> dict[str, Any]:
        """Return the reply to one request."""
        kind = request["kind"]
        if kind == "check":
            judged = self.judge.judge(Check(*request["check"]))
            return {
                "id": judged.id,
                "verdict": judged.verdict,
                "reason": judged.reason,
                "original": judged.original and vars(judged.original),
                "variant": judged.variant and vars(judged.variant),
            }
        outcomes = self._outcomes(kind, *request["job"])
        return {"outcomes": [vars(outcome) for outcome in outcomes]}

    def _outcomes(self, kind: str, source: str, entry: str, inputs: list[str]) -> list[Outcome]:
        try:
            program = self.prepare(source, entry, self.limits.program_bytes)
        except RejectedError as reason:
            return [Outcome("refused", error=str(reason))] * len(inputs)
        bound: dict[int, Input] = {}
        outcomes: dict[int, Outcome] = {}
        for place, text in enumerate(inputs):
            try:
                given = self.parse(text, self.limits.input_bytes)
                if not program.signature.binds(given.names):
                    raise RejectedError("does not bind")
                bound[place] = given
            except RejectedError as reason:
                outcomes[place] = Outcome("refused", error=str(reason))
        outcomes.update(zip(bound, self._calls(kind, program, [*bound.values()]), strict=True))
        return [outcomes[place] for place in range(len(inputs))]

    def _calls(self, kind: str, program: Program, given: list[Input]) -> list[Outcome]:
        if kind == "sweep":
            return self.executor.sweep(program, given)
        return [self.executor.run(program, each, 0, self.first) for each in given]


T = TypeVar("T")


def _remembering(function: Callable[..., T]) -> Callable[..., T]:
    """Return the function with its last results remembered, also that it raised RejectedError."""

    @functools.lru_cache(REMEMBERED)
    def attempt(*arguments: object) -> T | RejectedError:
        try:
            return function(*arguments)
        except RejectedError as reason:
            return reason

    def call(*arguments: object) -> T:
        found = attempt(*arguments)
        if isinstance(found, RejectedError):
            raise RejectedError(*found.args)
        return found

    return call


def _key(program: Program, given: Input, seed: int, stage: Stage) -> tuple[object, ...]:
    return (program.code, program.signature.name, given.packed, seed, stage)


def main() -> None:
    """Serve the socket whose descriptor is the first argument until it closes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    channel = socket.socket(fileno=int(sys.argv[1]))
    inbox, outbox = Inbox(channel), Outbox(channel)
    settings = inbox.settings()
    if settings["core"] is not None:
        with contextlib.suppress(OSError):  # the core may be taken from this process meanwhile
            os.sched_setaffinity(0, {settings["core"]})
    lane = Lane(settings)
    try:
        while requests := inbox.take():
            _answer(lane, requests, inbox, outbox)
    except (BrokenPipeError, ConnectionResetError):
        pass  # whoever asked has gone
    finally:
        lane.executor.close()
        with contextlib.suppress(OSError):  # the main process does it too, unless it was killed
            os.rmdir(settings["room"])


def _answer(lane: Lane, requests: dict[int, Request], inbox: Inbox, outbox: Outbox) -> None:
    """Answer requests: first those that will be quick, then one by one what may take long."""
    checks = {n: Check(*each["check"]) for n, each in requests.items() if each["kind"] == "check"}
    foreseen = dict(zip(checks, lane.foresee([*checks.values()]), strict=True))
    for number in sorted(requests, key=lambda number: not foreseen.get(number)):
        if not foreseen.get(number):
            outbox.flush()
        if number in requests:
            outbox.put({"number": number, **_reply(lane, requests[number])})
        for dropped in inbox.dropped():
            requests.pop(dropped, None)
    outbox.flush()


def _reply(lane: Lane, request: Request) -> dict[str, Any]:
    try:
        said = lane.answer(request)
    except Exception:  # noqa: BLE001 - a defect here must not take the other checks along
        said = {"fault": traceback.format_exc()}
        print(said["fault"], file=sys.stderr)
    return {"counts": lane.counts(), **said}
