"""An arm's side of the talk: it keeps its model loaded, and runs a round when it is asked to.

Requests and answers are JSON objects, one a line: ``{"do": "logits"}``, ``{"do": "warm_up"}`` and
``{"do": "round", "number": 3}``. Standard library only: arms run in interpreters of their own.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from perf.peers.work import Work, read

CHECKED = 8
"""Of the first row, the logits after so many of its last tokens are compared between arms."""


class Job(Protocol):
    """A model that is loaded, and one thing to do with it. Methods return when it is done."""

    @property
    def settings(self) -> Sequence[str]:
        """Ways to do it, of which the warm-up keeps the one that costs the fewest seconds."""

    @property
    def device(self) -> str:
        """What it runs on; "cpu" for a CPU."""

    def logits(self) -> Any:
        """A numpy array, float32 ``[CHECKED, vocab]``."""

    def use(self, setting: str) -> None:
        """From now on, do it that way."""

    def round(self, number: int) -> dict[str, Any]:
        """Do it once; ``tokens`` says how many were sampled or learned from."""


Made = Callable[[Work], Job]


def serve(jobs: Mapping[str, Made], versions: Callable[[], str]) -> None:
    """Answer until the input ends. What libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    work = read(Path(sys.argv[1]))
    job = jobs[work.job](work)
    told: dict[str, Any] = {"versions": versions(), "device": job.device}
    print(json.dumps(told), file=answers, flush=True)
    for line in sys.stdin:
        told = _answer(job, json.loads(line))
        print(json.dumps(told), file=answers, flush=True)


def _answer(job: Job, asked: Mapping[str, Any]) -> dict[str, Any]:
    if asked["do"] == "logits":
        return {"logits": base64.b64encode(job.logits().astype("<f4").tobytes()).decode()}
    if asked["do"] == "warm_up":
        return _warm_up(job)
    if asked["do"] == "round":
        return measured(lambda: job.round(asked["number"]))
    found: dict[str, Any] = getattr(job, asked["do"])()
    return found


def _warm_up(job: Job) -> dict[str, Any]:
    """Try every setting, first to compile and then for its time, and use the best.

    Its first round is the first of all, so that the losses of the first updates can be compared.
    """
    tried: dict[str, float] = {}
    compiled: dict[str, float] = {}
    first: dict[str, Any] = {}
    for setting in job.settings:
        job.use(setting)
        cold = measured(lambda: job.round(-1))
        warm = measured(lambda: job.round(-2))
        first = first or cold
        compiled[setting] = cold["cpu_s"] - warm["cpu_s"]
        tried[setting] = warm["cpu_s" if job.device == "cpu" else "wall_s"]
    best = min(tried, key=lambda setting: tried[setting])
    job.use(best)
    return {**first, "setting": best, "compile_cpu_s": compiled[best]}


def measured(run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``run`` returns, with the seconds of wall and CPU time that it took."""
    began, used = time.perf_counter(), _cpu_seconds()
    told = run()
    return {
        "wall_s": time.perf_counter() - began,
        "cpu_s": _cpu_seconds() - used,
        **told,
    }


def _cpu_seconds() -> float:
    """Of all threads of this process, and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
