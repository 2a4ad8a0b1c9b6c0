"""Arms that do the same work in turns: checked to compute the same, then timed, then compared."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from perf.machine import load
from perf.peers.work import Work
from perf.workers import ROOT, ArmError, Worker

FURTHEST = {"float32": 1e-3, "bfloat16": 0.25}
"""Logits have a deviation of about 1. Orders of summation differ by some 1e-5 in float32; bfloat16
keeps 8 bits, and its errors add up over the layers. A norm, scale or position that one arm leaves
out shows at 0.1 and more.
"""
FURTHEST_LOSS = {"float32": 2e-3, "bfloat16": 0.05}
"""Of the first updates, which also shows that arms update alike."""


@dataclass(frozen=True)
class Arm:
    """How an arm is started. ``more`` are variables of its environment."""

    name: str
    module: str
    python: str
    more: dict[str, str] = field(default_factory=dict)


@dataclass
class Result:
    """What one arm did: what it told when warm, and the seconds and tokens of every round."""

    name: str
    about: dict[str, Any]
    warm: dict[str, Any]
    rounds: list[dict[str, Any]] = field(default_factory=list)

    def rate(self, clock: str) -> float:
        """Tokens a second of ``wall_s`` or ``cpu_s``: the median of the rounds."""
        return float(median(each["tokens"] / each[clock] for each in self.rounds))


@dataclass
class Outcome:
    """The results, ours first, and what else was asked of our arm when all was over."""

    results: list[Result]
    asked: dict[str, dict[str, float]]

    @property
    def on_cpu(self) -> bool:
        return bool(self.results[0].about["device"] == "cpu")


def hold(work: Work, arms: Sequence[Arm], rounds: int, asked: Sequence[str]) -> Outcome:
    """Let the arms do ``work`` in turns; ``arms`` has ours first, which is ``asked`` at the end.

    ``work.model`` is where the random checkpoint goes, in a folder of its own. Raises ArmError
    where one fails, or computes something else than ours.
    """
    with tempfile.TemporaryDirectory() as room, ExitStack() as stack:
        folder = Path(room)
        (folder / "model").mkdir()
        Work(**{**vars(work), "model": str(folder / "model")}).write(folder)
        _write_checkpoint(folder)
        workers = [
            stack.enter_context(Worker(arm.name, arm.module, arm.python, folder, arm.more))
            for arm in arms
        ]
        _check_logits(workers, work.dtype)
        results = [
            Result(worker.name, worker.about, _told(worker, "warm-up", do="warm_up"))
            for worker in workers
        ]
        _check_losses(results, work.dtype)
        for number in range(rounds):
            for worker, result in zip(workers, results, strict=True):
                title = f"round {number + 1}/{rounds}"
                result.rounds.append(_told(worker, title, do="round", number=number))
        return Outcome(results, {each: workers[0].ask(each) for each in asked})


def _write_checkpoint(folder: Path) -> None:
    # In a process of its own: an accelerator's memory is then free again.
    command = [sys.executable, "-m", "perf.llamas", str(folder)]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise ArmError(f"random checkpoint: expected one, got: {done.stderr.splitlines()[-1]}")


def _told(worker: Worker, title: str, do: str, **more: Any) -> dict[str, Any]:
    told = worker.ask(do, **more)
    spent = f"{told['wall_s']:.2f} s, {told['cpu_s']:.2f} CPU s"
    print(f"  {title}, {worker.name}: {spent}", file=sys.stderr, flush=True)
    return told


def _check_logits(workers: Sequence[Worker], dtype: str) -> None:
    ours = workers[0].logits()
    for worker in workers[1:]:
        theirs = worker.logits()
        distance = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
        print(f"largest distance of logits, {worker.name}: {distance:.1e}")
        check(f"logits of {worker.name}", distance, FURTHEST[dtype])


def _check_losses(results: Sequence[Result], dtype: str) -> None:
    ours = results[0].warm.get("losses", [])
    for result in results[1:]:
        theirs = result.warm.get("losses", [])
        distance = max((abs(a - b) for a, b in zip(ours, theirs, strict=True)), default=0.0)
        check(f"losses of the first updates of {result.name}", distance, FURTHEST_LOSS[dtype])


def check(what: str, distance: float, furthest: float) -> None:
    """Raise ArmError if an arm does other work than ours: then there is nothing to compare."""
    if not distance <= furthest:
        raise ArmError(
            f"{what}: expected within {furthest:g} of ours, got {distance:.1e}; the arms do not "
            "compute the same model, so their times are not compared"
        )


def print_table(outcome: Outcome) -> None:
    """Rates and how many times theirs ours is, by wall and by CPU time."""
    ours, *peers = outcome.results
    head = ("tokens/s", "ours is", "per CPU s", "ours is", "compile s")
    print(f"{'':26}" + "".join(f"{name:>11}" for name in head) + "  setting, versions")
    for result in (ours, *peers):
        cells = ""
        for clock in ("wall_s", "cpu_s"):
            ratio = f"{ours.rate(clock) / result.rate(clock):.2f}x" if result in peers else ""
            cells += f"{result.rate(clock):11.0f}{ratio:>11}"
        compiled = result.warm["compile_cpu_s"]
        about = f"{result.warm['setting']}, {result.about['versions']}"
        print(f"{result.name:26}{cells}{compiled:11.1f}  {about}")
    count, device = len(ours.rounds), ours.about["device"]
    print(f"medians of {count} rounds in turns, on {device}; {load()}")


def report(outcome: Outcome, what: str) -> None:
    """Print one JSON line for each peer, or one without a peer where there is none."""
    ours, *peers = outcome.results
    clock = "cpu_s" if outcome.on_cpu else "wall_s"
    unit = "CPU-second" if outcome.on_cpu else "second"
    if not peers:
        line = {"metric": f"{what} tokens per {unit}", "ours": ours.rate(clock)}
        print(json.dumps({**line, "peer": None, "ratio": None}))
    for peer in peers:
        rates = {"ours": ours.rate(clock), "peer": peer.rate(clock)}
        metric = f"{what} tokens per {unit}, peer: {peer.name}"
        ratio = rates["ours"] / rates["peer"]
        line = {"metric": metric, **{name: round(rate, 1) for name, rate in rates.items()}}
        print(json.dumps({**line, "ratio": round(ratio, 2)}))
