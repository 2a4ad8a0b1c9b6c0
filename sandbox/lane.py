"""One worker: a trusted process that judges checks, one after another, with servers of its own.

It reads requests and writes replies as JSON lines on the socket given as its first argument, and
ends when that closes. It is single-threaded and has an interpreter to itself, so neither a busy
main process nor another lane slows it down.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from sandbox.execution import Cache, Executor, Stage, first_stage
from sandbox.inputs import Input, parse_input
from sandbox.judge import Judge
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
        self.prepare = _remembering(prepare)
        self.parse = _remembering(parse_input)
        self.judge = Judge(
            self.execute, self.limits, settings["exceptions"], self.prepare, self.parse
        )

    def execute(self, program: Program, given: Input, seed: int, stage: Stage) -> Outcome:
        """Return the outcome of one call, a remembered one if there is one."""
        key = (program.code, program.signature.name, given.packed, seed, stage)
        known = self.cache.get(key)
        if known is not None:
            self.executor.counts["cache hits"] += 1
            return known
        outcome = self.executor.run(program, given, seed, stage)
        if outcome.status != "broken":
            self.cache.put(key, outcome)
        return outcome

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
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
        return [self.executor.run(program, each, 0, first_stage(self.limits)) for each in given]


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


def main() -> None:
    """Serve the socket whose descriptor is the first argument until it closes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    channel = socket.socket(fileno=int(sys.argv[1]))
    with channel.makefile("rb") as requests:
        settings = json.loads(requests.readline())
        lane = Lane(settings)
        try:
            for line in requests:
                channel.sendall(_reply(lane, json.loads(line)))
        except (BrokenPipeError, ConnectionResetError):
            pass  # whoever asked has gone
        finally:
            lane.executor.close()
            with contextlib.suppress(OSError):  # the main process does it too, unless it was killed
                os.rmdir(settings["room"])


def _reply(lane: Lane, request: dict[str, Any]) -> bytes:
    before = lane.executor.counts.copy()
    try:
        said = lane.answer(request)
    except Exception:  # noqa: BLE001 - a defect here must not take the other checks along
        said = {"fault": traceback.format_exc()}
        print(said["fault"], file=sys.stderr)
    counted = lane.executor.counts - before
    return json.dumps({"number": request["number"], "counts": counted, **said}).encode() + b"\n"
