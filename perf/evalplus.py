"""Wall time of judging solutions of HumanEval+ or MBPP+, against EvalPlus on the same file.

Both compute the expected outcomes from the canonical solutions and judge the same candidates: the
canonical solution of each task and, with --mutants, wrong and right variants of it. EvalPlus runs
in another environment (see perf/requirements-evalplus.txt); without one, only ours is timed. The
time that it takes to start (its imports) is measured and left out. Prints verdicts that differ, a
table and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perf.machine import load
from perf.workers import ArmError, interpreter
from sandbox import Sandbox, SandboxError
from sandbox.arguments import OneLineParser
from sinq_jax.benchmarks.suites.data_file import DataFileError, read_data_file
from sinq_jax.benchmarks.suites.evalplus import EvalPlus
from sinq_jax.benchmarks.suites.evalplus_tasks import Task
from sinq_jax.benchmarks.suites.execution import LIMITS
from sinq_jax.programs.mutation.mutants import mutants
from sinq_jax.programs.program import Program

PROG = "python -m perf.evalplus"
SUITES = {"HumanEval": "humaneval", "Mbpp": "mbpp"}

Verdict = tuple[bool, bool]
"""Whether the base tests passed, and whether all did."""


@dataclass(frozen=True)
class Judged:
    """Seconds of wall time, and the verdicts on each task's candidates, in order."""

    wall_s: float
    verdicts: dict[str, list[Verdict]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 2 a mistake in what was asked or an arm, 130 interrupted."""
    asked = _parser().parse_args(arguments)
    try:
        tasks = EvalPlus("evalplus").items(read_data_file(asked.data))
        candidates = {task.name: _candidates(task, asked.mutants) for task in tasks}
        count = sum(map(len, candidates.values()))
        calls = sum(len(task.calls) * len(candidates[task.name]) for task in tasks)
        print(f"{len(tasks)} tasks, {count:,} candidates, {calls:,} calls of them; {load()}")
        ours = judged_by_us(tasks, candidates, asked.workers)
        python = interpreter("evalplus", asked.evalplus_python)
        if python is None:
            print("left out, because no Python has it: EvalPlus")
        peer = python and judged_by_evalplus(python, asked.data, tasks, candidates, asked.workers)
    except (ArmError, DataFileError, SandboxError) as error:
        print(f"{PROG}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    _report(ours, peer or None)
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog=PROG, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        required=True,
        metavar="FILE",
        help="a file of EvalPlus, also gzipped",
    )
    parser.add_argument(
        "--mutants", type=int, default=0, metavar="N", help="variants of each solution (default 0)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes of either side (default: one for each core)",
    )
    parser.add_argument(
        "--evalplus-python",
        metavar="PATH",
        default=os.environ.get("SINQ_EVALPLUS_PYTHON") or None,
        help="a Python that has evalplus (default: $SINQ_EVALPLUS_PYTHON, or this one)",
    )
    return parser


def judged_by_us(tasks: Sequence[Task], candidates: dict[str, list[str]], workers: int) -> Judged:
    """The candidates judged in the sandbox; its start counts."""
    began = time.perf_counter()
    with Sandbox(workers=workers, limits=LIMITS) as sandbox:
        marks = EvalPlus("evalplus").marks([(t, candidates[t.name]) for t in tasks], sandbox)
    wall_s = time.perf_counter() - began
    verdicts = [[(mark.also["base"], mark.right) for mark in each] for each in marks]
    names = [task.name for task in tasks]
    return Judged(wall_s, dict(zip(names, verdicts, strict=True)))


def judged_by_evalplus(
    python: str,
    data: str,
    tasks: Sequence[Task],
    candidates: dict[str, list[str]],
    workers: int,
) -> Judged:
    """The candidates judged by EvalPlus's own command, with nothing cached. Raises ArmError."""
    suite = tasks[0].rule.suite
    with tempfile.TemporaryDirectory(prefix="evalplus-") as folder:
        samples = Path(folder) / "samples.jsonl"
        rows = [
            {"task_id": name, "solution": source}
            for name, sources in candidates.items()
            for source in sources
        ]
        samples.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        env = {
            **os.environ,
            "XDG_CACHE_HOME": folder,
            f"{SUITES[suite].upper()}_OVERRIDE_PATH": str(Path(data).resolve()),
        }
        start_s = _timed([python, "-c", "import evalplus.evaluate"], env, folder)
        command = [python, "-m", "evalplus.evaluate", "--dataset", SUITES[suite]]
        command += ["--samples", str(samples), "--parallel", str(workers)]
        wall_s = _timed(command, env, folder) - start_s
        results = json.loads(samples.with_name("samples_eval_results.json").read_text())
    verdicts = {
        name: [
            (each["base_status"] == "pass", each["base_status"] == each["plus_status"] == "pass")
            for each in results["eval"][name]
        ]
        for name in candidates
    }
    return Judged(wall_s, verdicts)


def _candidates(task: Task, count: int) -> list[str]:
    """The canonical solution, and ``count`` of its mutants from all over its text."""
    program = Program(task.name, task.solution, task.entry_point)
    found = mutants(program) if count else ()
    step = max(1, len(found) // max(1, count))
    return [task.solution, *(mutant.source for mutant in found[::step][:count])]


def _timed(command: Sequence[str], env: dict[str, str], folder: str) -> float:
    """Seconds that a command takes. Raises ArmError with the last line it says where it fails."""
    began = time.perf_counter()
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise ArmError(f"EvalPlus: expected exit status 0, got {done.returncode}: {said[-1]}")
    return time.perf_counter() - began


def _report(ours: Judged, peer: Judged | None) -> None:
    """The table and the JSON line."""
    arms = [("ours", ours), *([("EvalPlus", peer)] if peer else [])]
    print("arm       wall s   candidates right on base   on all")
    for name, arm in arms:
        flat = [verdict for each in arm.verdicts.values() for verdict in each]
        base, right = (sum(verdict[i] for verdict in flat) for i in (0, 1))
        print(f"{name:<9} {arm.wall_s:>6.1f}   {base:>24,}   {right:>6,}")
    figure: dict[str, object] = {"metric": "seconds to judge", "ours": round(ours.wall_s, 2)}
    if peer:
        differing = [
            f"{name}, candidate {place}: ours {a}, EvalPlus {b}"
            for name, verdicts in ours.verdicts.items()
            for place, (a, b) in enumerate(zip(verdicts, peer.verdicts[name], strict=True))
            if a != b
        ]
        print(f"verdicts (base, all) that differ: {len(differing)}", *differing, sep="\n  ")
        ratio = round(peer.wall_s / ours.wall_s, 2)
        figure |= {"peer": round(peer.wall_s, 2), "ratio": ratio, "differ": len(differing)}
    print(json.dumps(figure))


if __name__ == "__main__":
    sys.exit(main())
