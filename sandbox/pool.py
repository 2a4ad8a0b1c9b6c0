"""`Sandbox`: the Python face. It spreads work over lanes and hands out futures."""

from __future__ import annotations

import contextlib
import itertools
import os
import platform
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, fields
from types import TracebackType
from typing import Any

from sandbox.compare import same_outcome
from sandbox.dispatch import Dispatcher, Task
from sandbox.layers import Layers
from sandbox.records import (
    EXCEPTIONS,
    OBSERVATIONS,
    POLICIES,
    Check,
    Exceptions,
    Judgement,
    Limits,
    Observation,
    Outcome,
    Policy,
    SandboxError,
)

HASH_SEEDS = (1, 2)
RULES = 1
FIRST_JOBS = 8
"""Sweeps that are handed out together at first; after them always as many as before."""


class Sandbox:
    """Runs untrusted programs and judges whether two of them differ.

    A context manager; also usable after jax has started, because its processes are started by
    exec and never forked from this one. All methods may be called from any thread.
    """

    def __init__(
        self,
        workers: int | None = None,
        limits: Limits | None = None,
        policy: Policy = "python",
        *,
        exceptions: Exceptions = "arguments",
        observe: Sequence[Observation] = (),
        cache: int = 8192,
        require: Sequence[str] = (),
        without: Sequence[str] = (),
    ) -> None:
        """Start the workers.

        workers: how many lanes, by default one for each core. policy: how values are compared.
        exceptions: equal when type and `arguments` are, equal when the `type` is, or `refuse`d as
        proof. observe: what counts besides value, exception and termination: the `arguments` as
        the call leaves them, the `output` written to sys.stdout. cache: how many outcomes each
        worker remembers. require: layers of protection that must be there (`python -m sandbox
        doctor` lists them). without: layers to leave out; by default all that work here are used.
        Raises SandboxError.
        """
        if workers is not None and workers < 1:
            raise SandboxError(f"workers: expected at least 1, got {workers}")
        if policy not in POLICIES:
            raise SandboxError(f"policy: expected one of {', '.join(POLICIES)}, got {policy!r}")
        if exceptions not in EXCEPTIONS:
            raise SandboxError(
                f"exceptions: expected one of {', '.join(EXCEPTIONS)}, got {exceptions!r}"
            )
        if not {*observe} <= {*OBSERVATIONS}:
            raise SandboxError(f"observe: expected {', '.join(OBSERVATIONS)}, got {observe!r}")
        self.limits = limits or Limits()
        self.policy: Policy = policy
        self._layers = Layers(require, without)
        settings = {
            "limits": asdict(self.limits),
            "policy": policy,
            "exceptions": exceptions,
            "observe": sorted(observe),
            "seeds": list(HASH_SEEDS),
        }
        self.layers: tuple[str, ...] = self._layers.names
        self.findings = self._layers.findings
        self._room = tempfile.mkdtemp(prefix="sandbox-")
        os.chmod(self._room, 0o500)
        self.receipt: Mapping[str, object] = {
            **settings,
            "python": platform.python_version(),
            "rules": RULES,
            "layers": list(self.layers),
        }
        self.workers = workers or len(_cores())
        self._lock = threading.Lock()
        self._statistics: Counter[str] = Counter()
        self._numbers = itertools.count()
        private = {"cache": cache, "room": self._room, "isolation": self._layers.settings()}
        places = _places(self.workers)
        self._dispatcher = Dispatcher(places, {**settings, **private}, self._count)

    def __enter__(self) -> Sandbox:
        """Return the sandbox itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the sandbox."""
        self.close()

    def close(self) -> None:
        """End all processes; futures that are still open fail with SandboxError."""
        self._dispatcher.close()
        self._layers.close()
        with contextlib.suppress(OSError):
            os.rmdir(self._room)

    @property
    def statistics(self) -> dict[str, int]:
        """Counts since the start: executions, cache hits, each status, what was taken over."""
        with self._lock:
            return dict(self._statistics)

    def submit(self, check: Check) -> Future[Judgement]:
        """Return at once a future for the judgement of one check."""
        return self.submit_all([check])[0]

    def submit_all(self, checks: Iterable[Check]) -> list[Future[Judgement]]:
        """Return at once the futures of many checks, in their order."""
        tasks = [self._task_of(check) for check in checks]
        self._count({"checks": len(tasks)})
        self._dispatcher.submit(tasks)
        return [task.future for task in tasks]

    def _task_of(self, check: Check) -> Task:
        parts = [getattr(check, each.name) for each in fields(Check)]

        def read(reply: dict[str, Any]) -> Judgement:
            if "fault" in reply:
                broken = Outcome("broken", error=str(reply["fault"]))
                return Judgement(
                    check.id, "unstable", "sandbox broken", broken, broken, self.receipt
                )
            return Judgement(
                reply["id"],
                reply["verdict"],
                reply["reason"],
                reply["original"] and Outcome(**reply["original"]),
                reply["variant"] and Outcome(**reply["variant"]),
                self.receipt,
            )

        request = {"kind": "check", "check": parts}
        return Task(next(self._numbers), request, hash(check.original), read)

    def check(self, check: Check) -> Judgement:
        """Return the judgement of one check."""
        return self.submit(check).result()

    def check_all(self, checks: Iterable[Check]) -> list[Judgement]:
        """Return the judgements of many checks, in their order, made on all workers."""
        return [future.result() for future in self.submit_all(checks)]

    def run(self, source: str, entry_point: str, input: str) -> Outcome:  # noqa: A002
        """Return the outcome of one call in a fresh child; a call that cannot be is `refused`."""
        task = self._calls("run", source, entry_point, [input])
        self._dispatcher.submit([task])
        outcomes: list[Outcome] = task.future.result()
        return outcomes[0]

    def sweep(self, source: str, entry_point: str, inputs: Sequence[str]) -> list[Outcome]:
        """Return the outcomes of many calls of one program, made in one child.

        Cheap, and not proof: what an earlier call left behind can change a later one. For
        measuring how often programs differ, never for a verdict.
        """
        return self.sweep_all([(source, entry_point, inputs)])[0]

    def sweep_all(self, jobs: Iterable[tuple[str, str, Sequence[str]]]) -> list[list[Outcome]]:
        """Return the sweeps of many (source, entry point, inputs), made on all workers. The first
        ones begin while later ``jobs`` are still being made.
        """
        made = (self._calls("sweep", *job) for job in jobs)
        tasks: list[Task] = []
        while some := [*itertools.islice(made, max(FIRST_JOBS, len(tasks)))]:
            self._dispatcher.submit(some)
            tasks += some
        return [task.future.result() for task in tasks]

    def same_outcome(self, a: Outcome, b: Outcome, policy: Policy | None = None) -> bool:
        """Say whether nothing tells two outcomes of this sandbox apart.

        policy: only that of the sandbox, because it already shaped the encodings; raises
        SandboxError for another. Outcomes without encoding never differ.
        """
        if policy not in (None, self.policy):
            raise SandboxError(
                f"policy: expected {self.policy}, that of this sandbox, got {policy}"
            )
        return same_outcome(a, b)

    def _calls(self, kind: str, source: str, entry_point: str, inputs: Sequence[str]) -> Task:
        def read(reply: dict[str, Any]) -> list[Outcome]:
            if "fault" in reply:
                return [Outcome("broken", error=str(reply["fault"]))] * len(inputs)
            return [Outcome(**each) for each in reply["outcomes"]]

        request = {"kind": kind, "job": [source, entry_point, [*inputs]]}
        number = next(self._numbers)
        # These share no cached results, so lanes take turns: long ones that follow each other, as
        # where jobs are sorted by their length, do not meet in one lane.
        return Task(number, request, number, read)

    def _count(self, counts: Mapping[str, int]) -> None:
        with self._lock:
            self._statistics.update(counts)


def _cores() -> Sequence[int | None]:
    """Return the cores this process may use; None stands for one that cannot be chosen."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return [None] * (os.cpu_count() or 1)


def _places(workers: int) -> Sequence[int | None]:
    """Return the core of each lane, or None for each: one lane for every core, or no such rule.

    A lane, its servers and their children take turns. On one core none of them waits for another
    core to wake up. Where lanes and cores differ in number, the system places them better.
    """
    cores = _cores()
    return cores if len(cores) == workers else [None] * workers
