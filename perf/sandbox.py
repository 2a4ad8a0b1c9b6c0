"""`python -m perf.sandbox`: checks per second of the sandbox against other ways to check pairs.

Every way judges the same pairs in the same run, in rounds that take turns, on one core and on all,
with none, a twentieth and half of the variants never ending. The sandbox has every protection that
works here, and repeats every divergence that it claims under a second hash seed. Prints a table
and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path

from perf.arms import Arm, Family
from perf.machine import forks_per_second, load
from perf.pairs import PairsError, built_in, from_file, with_hangs, without_hangs
from sandbox import Check, Sandbox, SandboxError
from sandbox.arguments import OneLineParser

PEER, OURS = "authors' way", "ours, in batches"
# Share of the variants that never end, and how many checks a round then has for each core: each
# such variant takes the authors' way 2.5 to 5 s.
CASES = {0.0: 200, 0.05: 20, 0.5: 4}
FLOOR_S = 0.5


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="python -m perf.sandbox", description=__doc__)
    parser.add_argument(
        "--pairs",
        type=Path,
        metavar="FILE",
        help="JSONL as `python -m sandbox check` reads it, or the published pairs; also gzipped "
        "(default: mutants of the built-in programs, ten inputs each)",
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds (default 3)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=20.0,
        metavar="S",
        help="start no check after S seconds of one way in one round (default 20)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 2 a mistake in what was asked, 130 interrupted."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.rounds < 1 or not asked.seconds > 0:
        parser.error("--rounds, --seconds: expected numbers above 0")
    try:
        _compare(asked.pairs, asked.rounds, asked.seconds)
    except (PairsError, SandboxError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _compare(path: Path | None, rounds: int, seconds: float) -> None:
    checks, diverging, cores = _pairs(path, rounds * sum(CASES.values()))
    print(f"{len(checks)} pairs, of which {diverging:.0%} diverge; {load()}")
    ratios: dict[tuple[int, float], tuple[float, float]] = {}
    for count in sorted({1, cores}):
        floors: list[float] = []
        left = iter(checks)
        for share, size in CASES.items():
            with ExitStack() as stack:
                family = stack.enter_context(closing(Family(count)))
                for number in range(rounds):
                    some = [*islice(left, size * count)]
                    _round(family, with_hangs(some, share), seconds, f"{number + 1}/{rounds}")
                    floors.append(forks_per_second(count, FLOOR_S))
                _print(family, share, sum(floors) / len(floors))
                arms = family.arms
                ratios[count, share] = arms[OURS].measure.rate, arms[PEER].measure.rate
    print(f"load at the end: {load()}")
    ours, peer = ratios[cores, 0.0]
    report = {"ours": round(ours, 1), "peer": round(peer, 1), "ratio": round(ours / peer, 1)}
    print(json.dumps({"metric": "checks/s, all cores, none hangs", **report}))


def _pairs(path: Path | None, per_core: int) -> tuple[list[Check], float, int]:
    """Return checks for all cores on which nothing hangs, the share that diverge, the cores."""
    with Sandbox() as sandbox:
        count = per_core * sandbox.workers
        found = built_in(2 * count) if path is None else from_file(path)[: 2 * count]
        kept, diverging = without_hangs(sandbox, found)
        if len(kept) < count:
            raise PairsError(
                f"{path}: expected {count} pairs of programs that end, got {len(kept)}; "
                "give more of them, or fewer --rounds"
            )
        return kept[:count], diverging, sandbox.workers


def _round(family: Family, checks: list[Check], seconds: float, number: str) -> None:
    for name, arm in family.arms.items():
        began = time.monotonic()
        arm.run(checks, seconds)
        spent = time.monotonic() - began
        print(
            f"  round {number}, {family.cores} core(s), {len(checks)} pairs, {name}: {spent:.1f} s",
            file=sys.stderr,
            flush=True,
        )


def _print(family: Family, share: float, floor: float) -> None:
    title = f"{family.cores} core(s), {share:.0%} of the variants never end"
    print(f"\n{title:<46} {'checks/s':>9} {'ratio':>7} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8}")
    base = family.arms[PEER].measure.rate
    for name, arm in family.arms.items():
        print(f"  {name:<44} {_row(arm, base)}  n={len(arm.measure.latencies_s)}")
    each = 1000 * family.cores / floor
    print(f"  {'fork and wait of an empty child':<44} {floor:9.0f} {'':>7} {each:8.2f}", flush=True)


def _row(arm: Arm, base: float) -> str:
    measure = arm.measure
    ratio = measure.rate / base if base else 0.0
    quantiles = f"{measure.quantile_ms(0.5):8.1f} {measure.quantile_ms(0.99):8.1f}"
    return f"{measure.rate:9.1f} {ratio:7.1f} {quantiles} {measure.cpu_ms:8.2f}"


if __name__ == "__main__":
    sys.exit(main())
