"""EvalPlus's own command, timed: what `perf.evalplus` compares with."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from perf.machine import cpu_seconds
from perf.workers import ArmError

SUITES = {"HumanEval": "humaneval", "Mbpp": "mbpp"}
"""What it calls the benchmarks, by the first part of their tasks' names."""
FAULTS = {"HumanEval/32": "EvalPlus 0.3.1 notes no call of this task as passed, so nothing passes"}
"""Verdicts that cannot be right. In `unsafe_execute` (evalplus/eval/__init__.py) the rule for
``find_zero`` goes on with the next input before it has noted this one, and a run with fewer notes
than inputs has failed."""


POLL_S = 0.02


@dataclass(frozen=True)
class Verdict:
    """Whether the base tests passed and whether all did; ``said`` is how that was put."""

    base: bool
    right: bool
    said: str = field(compare=False)


Verdicts = Mapping[str, Sequence[Verdict]]
"""Those on each task's candidates, in order."""


@dataclass(frozen=True)
class Judged:
    """Seconds of wall time, CPU seconds of all processes together, and the verdicts."""

    wall_s: float
    cpu_s: float
    verdicts: Verdicts


class Clock:
    """A context manager that measures what is done in it and below it, once that has ended."""

    wall_s = cpu_s = 0.0

    def __enter__(self) -> Clock:
        self._wall, self._cpu = time.perf_counter(), cpu_seconds()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.wall_s = time.perf_counter() - self._wall
        self.cpu_s = cpu_seconds() - self._cpu


class Peer:
    """EvalPlus in the interpreter ``python``, on the file ``data`` of a suite (see `SUITES`).

    Its imports are measured when this is made, and left out of every figure; so is what it waits
    for once its results are written: a thread of its own that sleeps for up to 20 s. Raises
    ArmError where it cannot start.
    """

    def __init__(self, python: str, data: str, suite: str, workers: int) -> None:
        self._python = python
        self._suite = SUITES[suite]
        self._workers = workers
        self._env = {
            **os.environ,
            f"{self._suite.upper()}_OVERRIDE_PATH": str(Path(data).resolve()),
        }
        with tempfile.TemporaryDirectory(prefix="evalplus-") as folder:
            self._start = self._timed(["-c", "import evalplus.evaluate"], Path(folder))

    def judged(self, candidates: Mapping[str, Sequence[str]], folder: Path) -> Judged:
        """What it makes of the candidates of all tasks. It keeps the outcomes that it expects in
        ``folder``, and finds them there in a second run. Raises ArmError where it fails.
        """
        samples = folder / "samples.jsonl"
        results = folder / "samples_eval_results.json"
        rows = [
            {"task_id": name, "solution": source}
            for name, sources in candidates.items()
            for source in sources
        ]
        samples.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        results.unlink(missing_ok=True)
        asked = ["-m", "evalplus.evaluate", "--dataset", self._suite]
        asked += ["--samples", str(samples), "--parallel", str(self._workers)]
        clock = self._timed(asked, folder, results)
        told = json.loads(results.read_text(encoding="utf-8"))["eval"]
        verdicts = {name: [_verdict(each) for each in told[name]] for name in candidates}
        wall_s, cpu_s = clock.wall_s - self._start.wall_s, clock.cpu_s - self._start.cpu_s
        return Judged(wall_s, cpu_s, verdicts)

    def _timed(self, arguments: Sequence[str], folder: Path, awaited: Path | None = None) -> Clock:
        """Run it to its end, or until the whole file ``awaited`` is there."""
        env = {**self._env, "XDG_CACHE_HOME": str(folder)}
        log = folder / "evalplus.log"
        with Clock() as clock, log.open("w", encoding="utf-8") as said:
            process = subprocess.Popen(
                [self._python, *arguments], env=env, cwd=folder, stdout=said, stderr=said
            )
            try:
                while process.poll() is None and not (awaited and _is_json(awaited)):
                    time.sleep(POLL_S)
            finally:
                process.terminate()
                status = process.wait()
        if status and not (awaited and _is_json(awaited)):
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise ArmError(
                f"EvalPlus: expected exit status 0, got {status}: {[*lines, 'nothing'][-1]}"
            )
        return clock


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _verdict(told: Mapping[str, object]) -> Verdict:
    base, plus = told["base_status"], told["plus_status"]
    return Verdict(base == "pass", base == plus == "pass", f"base {base}, plus {plus}")
