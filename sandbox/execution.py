"""Executions: a program, an input and limits in, an outcome out."""

from __future__ import annotations

import json
import marshal
import os
import sysconfig
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandbox.children import Bounds, Run
from sandbox.identity import SANDBOX_UID
from sandbox.inputs import Input
from sandbox.modules import ALLOWED, TIERS
from sandbox.programs import Program
from sandbox.records import Limits, Observation, Outcome, Policy, Status
from sandbox.servers import Server, ServerLostError

TRIES = 3
NONCE_BYTES = 16
FRAME_EXTRA = 65_536
FROM_CHILD: tuple[Status, ...] = ("returned", "raised", "memory", "output", "refused")
STOPPED: dict[str, tuple[Status, str]] = {
    "cpu": ("timeout", "CPU time"),
    "wall": ("timeout", "wall time"),
    "flood": ("killed", "flooded its channel"),
    "closed": ("killed", "closed its channel"),
}
TIMED_OUT = "timeout"
ORDINARY = ("returned", "raised")
SHARED_PART = 4

Call = tuple[Program, Input]
FORBIDDEN_CALL = 31  # SIGSYS, which not every system has


@dataclass(frozen=True)
class Stage:
    """One strength of limits: seconds, MiB and frames of the first run or of the repeat."""

    cpu_s: float
    wall_s: float
    memory_mb: int
    recursion: int


def first_stage(limits: Limits) -> Stage:
    """Return the limits of a first run."""
    return Stage(limits.cpu_s, limits.wall_s, limits.memory_mb, limits.recursion)


def confirm_stage(limits: Limits) -> Stage:
    """Return the limits of a repeat."""
    wall_s = limits.wall_s * limits.confirm_cpu_s / limits.cpu_s
    memory, recursion = limits.confirm_memory_mb, limits.confirm_recursion
    return Stage(limits.confirm_cpu_s, wall_s, memory, recursion)


class Executor:
    """Runs programs in the children of its servers, which start when they are first needed."""

    def __init__(
        self,
        limits: Limits,
        policy: Policy,
        observe: Sequence[Observation],
        seeds: tuple[int, int],
        room: str,
        isolation: Mapping[str, Any],
    ) -> None:
        """room: the empty folder in which children start. isolation: see `Layers.settings`."""
        self.limits = limits
        self.policy = policy
        self.seeds = seeds
        self.counts: Counter[str] = Counter()
        self._servers: dict[tuple[int, int], Server] = {}
        self._config: dict[str, object] = {
            "room": room,
            "uid": SANDBOX_UID if "user" in isolation["layers"] else None,
            "modules": ALLOWED,
            "prefix": sysconfig.get_path("stdlib"),
            "strict": policy == "strict",
            "observe": tuple(observe),
            "items": limits.items,
            "output_bytes": limits.output_bytes,
            "layers": tuple(isolation["layers"]),
            "filter": bytes.fromhex(isolation["filter"]),
            "child_filter": bytes.fromhex(isolation["child_filter"]),
            "ruleset": isolation["ruleset"],
        }

    def close(self) -> None:
        """End all servers."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def run(self, program: Program, given: Input, seed: int, stage: Stage) -> Outcome:
        """Return the outcome of one call in a fresh child under the seed-th hash seed."""
        if program.refused:
            return Outcome("refused", error=program.refused)
        return self._run_some([(program, given)], seed, stage)[0]

    def take_turns(self, calls: Sequence[Call], stage: Stage) -> list[Outcome | None]:
        """Return the outcomes of calls of closed programs of one tier, made in as few children.

        Only what a fresh child would have reported as well is returned: None stands for a call
        that did not end in a value or an exception, or not at once.
        """
        brief = replace(stage, cpu_s=stage.cpu_s / SHARED_PART)
        found: list[Outcome | None] = []
        while len(found) < len(calls):
            left = calls[len(found) :]
            some = self._run_some(left, 0, brief, together=True)
            in_time = sum(each.cpu_s for each in some) < stage.cpu_s
            found += [each if in_time and each.status in ORDINARY else None for each in some]
        return found

    def sweep(self, program: Program, inputs: list[Input]) -> list[Outcome]:
        """Return the outcomes of many calls, made in one child as far as it lives."""
        limits = self.limits
        if program.refused:
            return [Outcome("refused", error=program.refused)] * len(inputs)
        stage = replace(first_stage(limits), cpu_s=limits.sweep_cpu_s)
        outcomes: list[Outcome] = []
        stopped = 0
        while len(outcomes) < len(inputs) and stopped < limits.sweep_timeouts:
            left = [(program, each) for each in inputs[len(outcomes) :]]
            outcomes += self._run_some(left, 0, stage)
            stopped += outcomes[-1].status in ("timeout", "killed", "refused", "broken")
        rest = len(inputs) - len(outcomes)
        return outcomes + [Outcome("refused", error="not run: the sweep was given up")] * rest

    def _run_some(
        self, calls: Sequence[Call], seed: int, stage: Stage, together: bool = False
    ) -> list[Outcome]:
        """Return at least one outcome: those of the calls that one child came to.

        together: the time of the stage is for all calls, not for each.
        """
        nonce = os.urandom(NONCE_BYTES)
        hard_cpu_s = int(stage.cpu_s * len(calls)) + 2  # the kernel's own, should all else fail
        limits = (stage.memory_mb << 20, stage.recursion, hard_cpu_s)
        asked = [(program.code, program.signature.name, given.packed) for program, given in calls]
        job = marshal.dumps((nonce, asked, limits))
        frame_bytes = self.limits.output_bytes + FRAME_EXTRA
        bounds = Bounds(stage.cpu_s, stage.wall_s, frame_bytes, len(calls), together)
        tier = calls[0][0].tier
        self.counts["executions"] += 1
        for _ in range(TRIES):
            try:
                run = self._server(tier, seed).run(job, bounds)
            except ServerLostError:
                self._drop(tier, seed)
                self.counts["servers restarted"] += 1
            else:
                return self._outcomes(run, nonce, len(calls))
        self.counts["broken"] += 1
        return [Outcome("broken", error="the server died again and again")]

    def _server(self, tier: int, seed: int) -> Server:
        key = (tier, seed)
        if key not in self._servers:
            names = TIERS[tier].names | {*TIERS[tier].extra}
            config = {**self._config, "preload": tuple(sorted(names))}
            self._servers[key] = Server(config, self.seeds[seed])
        return self._servers[key]

    def _drop(self, tier: int, seed: int) -> None:
        server = self._servers.pop((tier, seed), None)
        if server is not None:
            server.close()

    def _outcomes(self, run: Run, nonce: bytes, wanted: int) -> list[Outcome]:
        """Read a child's frames; they count only as far as nothing contradicts them."""
        told: list[Outcome] = []
        count = max(len(run.bodies), 1)
        wall_s = run.wall_s / count
        even = [run.cpu_s * place / count for place in range(1, count + 1)]
        marks = [0.0, *(run.cpu_marks or even)]
        for body, since, until in zip(run.bodies[:wanted], marks, marks[1:], strict=False):
            outcome = parse_frame(body, nonce, wall_s, until - since)
            if outcome is None:
                break
            told.append(outcome)
        refused = len(told) > 0 and told[-1].status == "refused"
        honest = len(told) == len(run.bodies) and run.stop is None and run.end == 0
        if not (honest and (refused or len(told) == wanted)):
            if wanted == 1 or len(run.bodies) > wanted:
                told.clear()
            forged = len(told) < min(len(run.bodies), wanted) or len(run.bodies) > wanted
            told[wanted - 1 :] = [self._ended(run, forged)]
        for outcome in told:
            self.counts[outcome.status] += 1
        return told

    def _ended(self, run: Run, forged: bool) -> Outcome:
        """Return the outcome of a child that did not report as it should."""
        status: Status = "killed"
        encoding = None
        if run.stop is not None:
            self.counts[f"stopped: {run.stop}"] += 1
            status, error = STOPPED[run.stop]
            encoding = TIMED_OUT if run.stop == "cpu" else None
        elif forged:
            error = "forged its report"
        else:
            error = f"signal {-run.end}" if run.end < 0 else "left without a result"
            if run.end == -FORBIDDEN_CALL:
                error = "made a forbidden system call"
        return Outcome(status, error=error, encoding=encoding, wall_s=run.wall_s, cpu_s=run.cpu_s)


def parse_frame(body: bytes, nonce: bytes, wall_s: float, cpu_s: float) -> Outcome | None:
    """Return the outcome that a frame reports, or None when no harness wrote it."""
    if not body.startswith(nonce):
        return None
    try:
        said = json.loads(body[len(nonce) :])
    except (ValueError, RecursionError):
        return None
    if type(said) is not dict or said.keys() != {"status", "value", "error", "encoding"}:
        return None
    status = said.pop("status")
    if status not in FROM_CHILD or not all(v is None or type(v) is str for v in said.values()):
        return None
    return Outcome(status, **said, wall_s=wall_s, cpu_s=cpu_s)


class Cache:
    """The outcomes last used, by program, input, seed and limits; at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[tuple[object, ...], Outcome] = OrderedDict()

    def __contains__(self, key: tuple[object, ...]) -> bool:
        """Say whether an outcome is held for key."""
        return key in self._held

    def get(self, key: tuple[object, ...]) -> Outcome | None:
        """Return what is held for key, and keep it longer."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def put(self, key: tuple[object, ...], outcome: Outcome) -> None:
        """Hold an outcome, in place of the one unused for longest."""
        self._held[key] = outcome
        if len(self._held) > self._size:
            self._held.popitem(last=False)
