"""Time of judging solutions of HumanEval+ or MBPP+, against EvalPlus on the same file.

Both read the file, compute the expected outcomes from the canonical solutions and judge the same
candidates with as many workers: the canonical solution of each task and, with --mutants, wrong and
right variants of it. Four arms take turns:

  ours              what has the text of the canonical solution is run once for both
  EvalPlus          with an empty cache
  ours, told apart  each candidate ends in a comment of its own, so every one of them is run
  EvalPlus, cached  has the expected outcomes from its run before; ours keeps none between runs

EvalPlus runs in another environment (see perf/requirements-evalplus.txt); without one, only ours
is timed. The time that it takes to start (its imports) is measured and left out, and so is what it
sleeps when its results are written. Prints a table of medians, the verdicts that differ and, last,
one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from perf.entrants import complain, number
from perf.evalplus_peer import FAULTS, Clock, Judged, Peer, Verdict
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
OURS, APART, PEER, CACHED = "ours", "ours, told apart", "EvalPlus", "EvalPlus, cached"

Candidates = Mapping[str, Sequence[str]]
"""The candidates of each task."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 2 a mistake in what was asked or an arm, 130 interrupted."""
    asked = _parser().parse_args(arguments)
    try:
        tasks = EvalPlus("evalplus").items(read_data_file(asked.data))
        candidates = {task.name: _candidates(task, asked.mutants) for task in tasks}
        count = sum(map(len, candidates.values()))
        calls = sum(len(task.calls) * len(candidates[task.name]) for task in tasks)
        print(f"{len(tasks)} tasks, {count:,} candidates, {calls:,} calls of them; {load()}")
        python = interpreter("evalplus", asked.evalplus_python)
        if python is None:
            print("left out, because no Python has it: EvalPlus")
        suite = tasks[0].rule.suite
        peer = Peer(python, asked.data, suite, asked.workers) if python else None
        rounds = [_round(asked.data, candidates, asked.workers, peer) for _ in range(asked.rounds)]
    except (ArmError, DataFileError, SandboxError) as error:
        return complain(PROG, error)
    except KeyboardInterrupt:
        return 130
    _print_table(rounds)
    differing = differences(rounds) if peer else []
    if peer:
        print(f"verdicts (base, all) that differ: {len(differing)}", *differing, sep="\n  ")
    print(json.dumps(figure(rounds, len(differing))))
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
        "--mutants",
        type=int,
        choices=range(1000),
        default=0,
        metavar="N",
        help="variants of each solution (default 0)",
    )
    number(parser, "--rounds", 1, "turns of every arm")
    number(parser, "--workers", os.cpu_count() or 1, "processes of either side")
    parser.add_argument(
        "--evalplus-python",
        metavar="PATH",
        default=os.environ.get("SINQ_EVALPLUS_PYTHON") or None,
        help="a Python that has evalplus (default: $SINQ_EVALPLUS_PYTHON, or this one)",
    )
    return parser


def _round(data: str, candidates: Candidates, workers: int, peer: Peer | None) -> dict[str, Judged]:
    """What every arm does in its turn."""
    apart = {
        name: [f"{source}\n# {place}\n" for place, source in enumerate(sources)]
        for name, sources in candidates.items()
    }
    done = {OURS: judged_by_us(data, candidates, workers)}
    with tempfile.TemporaryDirectory(prefix="evalplus-") as folder:
        if peer:
            done[PEER] = peer.judged(candidates, Path(folder))
        done[APART] = judged_by_us(data, apart, workers)
        if peer:
            done[CACHED] = peer.judged(candidates, Path(folder))
    return done


def judged_by_us(data: str, candidates: Candidates, workers: int) -> Judged:
    """The candidates judged in a sandbox; to read the file and to start the sandbox count."""
    with Clock() as clock, Sandbox(workers=workers, limits=LIMITS) as sandbox:
        tasks = EvalPlus("evalplus").items(read_data_file(data))  # its workers start meanwhile
        marks = EvalPlus("evalplus").marks([(t, candidates[t.name]) for t in tasks], sandbox)
    verdicts = {
        task.name: [Verdict(mark.also["base"], mark.right, mark.reason) for mark in each]
        for task, each in zip(tasks, marks, strict=True)
    }
    return Judged(clock.wall_s, clock.cpu_s, verdicts)


def _candidates(task: Task, count: int) -> list[str]:
    """The canonical solution, and ``count`` of its mutants from all over its text."""
    program = Program(task.name, task.solution, task.entry_point)
    found = mutants(program) if count else ()
    step = max(1, len(found) // max(1, count))
    return [task.solution, *(mutant.source for mutant in found[::step][:count])]


def differences(rounds: Sequence[Mapping[str, Judged]]) -> list[str]:
    """A line for each candidate of which an arm says otherwise than ours in any round: what both
    say, and the reason where it is known.
    """
    found: dict[tuple[str, int], str] = {}
    for done in rounds:
        for arm, judged in done.items():
            for name, verdicts in done[OURS].verdicts.items():
                for place, ours in enumerate(verdicts):
                    theirs = judged.verdicts[name][place]
                    if ours != theirs:
                        line = f"ours {_spelled(ours)}, {arm} {_spelled(theirs)}"
                        found.setdefault((name, place), line + _reason(name, place, arm))
    return [f"{name}, candidate {place}: {line}" for (name, place), line in found.items()]


def _reason(name: str, place: int, arm: str) -> str:
    if arm in (OURS, APART):
        return ""
    canonical = "this is the canonical solution itself, and EvalPlus stops calls by wall time"
    why = FAULTS.get(name) or (canonical if place == 0 else "")
    return f"; {why}" if why else ""


def _spelled(verdict: Verdict) -> str:
    return f"({verdict.base}, {verdict.right}: {verdict.said})"


def _print_table(rounds: Sequence[Mapping[str, Judged]]) -> None:
    print("arm                 wall s    CPU s   candidates right on base   on all")
    for arm in rounds[0]:
        flat = [verdict for each in rounds[-1][arm].verdicts.values() for verdict in each]
        base, right = sum(each.base for each in flat), sum(each.right for each in flat)
        wall_s, cpu_s = _seconds(rounds, arm)
        print(f"{arm:<17} {wall_s:>8.1f} {cpu_s:>8.1f}   {base:>24,}   {right:>6,}")


def _seconds(rounds: Sequence[Mapping[str, Judged]], arm: str) -> tuple[float, float]:
    """The medians of the rounds: wall time, CPU time."""
    return (
        median(done[arm].wall_s for done in rounds),
        median(done[arm].cpu_s for done in rounds),
    )


def figure(rounds: Sequence[Mapping[str, Judged]], differing: int) -> dict[str, object]:
    """The JSON line: seconds of wall time of ours and of EvalPlus and how many times as long it
    takes; all four arms by name, with CPU seconds; how many verdicts differ.
    """
    seconds = {arm: _seconds(rounds, arm) for arm in rounds[0]}
    told: dict[str, object] = {
        "metric": "seconds to judge",
        "ours": round(seconds[OURS][0], 2),
        "peer": None,
        "ratio": None,
        "wall_s": {arm: round(wall_s, 2) for arm, (wall_s, _) in seconds.items()},
        "cpu_s": {arm: round(cpu_s, 2) for arm, (_, cpu_s) in seconds.items()},
    }
    if PEER in seconds:
        (ours, our_cpu), (peer, peer_cpu) = seconds[OURS], seconds[PEER]
        told |= {"peer": round(peer, 2), "ratio": round(peer / ours, 2), "differ": differing}
        told["cpu_ratio"] = round(peer_cpu / our_cpu, 2)
    return told


if __name__ == "__main__":
    sys.exit(main())
