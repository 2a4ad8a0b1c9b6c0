"""`python -m perf.soak`: a sandbox under load for minutes, with hostile programs, workers killed.

Batches of pairs with known verdicts go through one sandbox. In every batch a server, and in every
other one a lane, is killed with SIGKILL at a moment drawn at random: their work must be done again.
After each batch the sandbox is at rest, and what it holds of the machine is noted. Prints a line of
progress, a table, and last one JSON line. Exit status 1 if a verdict was wrong or lost, or if
anything leaked; 2 for a mistake in what was asked.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from perf.leaks import Trend, left_over, trends
from perf.soak_programs import LIMITS, Known, draw
from perf.vitals import Vitals, look_at_rest, members
from sandbox import Judgement, Sandbox, SandboxError
from sandbox.arguments import OneLineParser

BATCH_PER_WORKER = 60
SHOWN = 10
LOST = "broken"


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python -m perf.soak",
        description=__doc__,
        epilog="example: python -m perf.soak --minutes 10",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--minutes", type=float, default=10.0, metavar="N", help="how long (default 10)"
    )
    parser.add_argument("--workers", type=int, metavar="W", help="lanes (default: one a core)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of all that is drawn")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 all flat and right, 1 not, 2 a mistake, 130 interrupted."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if not asked.minutes > 0:
        parser.error(f"--minutes: expected a number above 0, got {asked.minutes}")
    if not Path("/proc/self/fd").is_dir():
        parser.error("expected Linux, whose /proc tells what processes hold")
    try:
        return _report(soak(60 * asked.minutes, asked.workers, asked.seed))
    except SandboxError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


@dataclass
class Soaked:
    """What happened: counts by verdict, by kind of program that was wrong, by cause of a kill."""

    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    checks: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lost: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    statistics: dict[str, int] = field(default_factory=dict)
    vitals: list[Vitals] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def take(self, known: Known, judged: Judgement) -> None:
        """Count a verdict, and whether it is the right one."""
        self.checks += 1
        self.verdicts[judged.verdict] += 1
        if LOST in judged.reason:
            self.lost += 1
        elif judged.verdict != known.verdict:
            self.wrong.append(
                f"{known.kind}: expected {known.verdict}, got {judged.verdict} ({judged.reason})"
            )

    @property
    def since_s(self) -> float:
        return time.monotonic() - self.began


def soak(seconds: float, workers: int | None, seed: int) -> Soaked:
    """Keep a sandbox of its own busy for so long; return what happened."""
    rng = Random(seed)
    soaked = Soaked()
    before = len(os.listdir("/proc/self/fd"))
    with _own_temporary_folder() as folder:
        with Sandbox(workers, LIMITS, cache=512) as sandbox:
            (room,) = map(str, folder.iterdir())
            for number in _batches(soaked, seconds):
                _batch(soaked, sandbox, room, rng, number)
                soaked.vitals.append(look_at_rest(soaked.since_s, room, folder))
                _show(soaked, seconds)
            soaked.statistics = sandbox.statistics
        soaked.seconds = soaked.since_s
        soaked.left = left_over(room, folder, len(os.listdir("/proc/self/fd")) - before)
    return soaked


@contextlib.contextmanager
def _own_temporary_folder() -> Iterator[Path]:
    """A folder in which this process makes its temporary files, so that all of them are seen."""
    folder, usual = Path(tempfile.mkdtemp(prefix="soak-")), tempfile.tempdir
    folder.chmod(0o755)  # children of the sandbox are another user, and start below it
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = usual
        shutil.rmtree(folder, ignore_errors=True)


def _batches(soaked: Soaked, seconds: float) -> Iterator[int]:
    number = 0
    while soaked.since_s < seconds:
        yield number
        number += 1


def _batch(soaked: Soaked, sandbox: Sandbox, room: str, rng: Random, number: int) -> None:
    """Judge a batch. One server is killed meanwhile, and one lane in every other batch.

    No more than that, because a check whose lane died twice is given up: it may be to blame.
    """
    size = BATCH_PER_WORKER * sandbox.workers
    batch = [draw(rng, soaked.checks + place) for place in range(size)]
    victims = {rng.randrange(size): "server"}
    if number % 2:
        victims[rng.randrange(size)] = "lane"
    futures = [sandbox.submit(known.check) for known in batch]
    for place, (known, future) in enumerate(zip(batch, futures, strict=True)):
        soaked.take(known, future.result())
        if place in victims:
            _kill(soaked, victims[place], room, rng)


def _kill(soaked: Soaked, kind: str, room: str, rng: Random) -> None:
    found = members(room)[kind]
    if found:
        with contextlib.suppress(ProcessLookupError):  # it was just replaced
            os.kill(rng.choice(found), signal.SIGKILL)
            soaked.killed[f"{kind} killed here"] += 1


def _show(soaked: Soaked, seconds: float) -> None:
    """One line that is written over, where somebody watches."""
    if sys.stderr.isatty():
        print(
            f"\r{min(1.0, soaked.since_s / seconds):4.0%}  {soaked.checks} checks, "
            f"{soaked.checks / soaked.since_s:.0f} a second, {len(soaked.wrong)} wrong, "
            f"{soaked.vitals[-1].memory_kib // 1024} MiB  ",
            end="",
            file=sys.stderr,
            flush=True,
        )


def _report(soaked: Soaked) -> int:
    """Print the table and the JSON line; return the exit status."""
    found = trends(soaked.vitals)
    leaks = [*(trend.name for trend in found if trend.leaks), *soaked.left]
    rate = soaked.checks / soaked.seconds
    print(f"\n{soaked.checks} checks in {soaked.seconds:.0f} s, {rate:.0f} a second")
    _counts("verdicts", soaked.verdicts)
    _counts("kills by reason", {**_kills(soaked.statistics), **soaked.killed})
    print(f"\n{'at rest':34} {'warm':>9} {'end':>9} {'allowed':>9} {'a minute':>9}")
    for trend in found:
        print(trend)
    for line in [*soaked.left, *soaked.wrong[:SHOWN]]:
        print(line)
    good = not (leaks or soaked.wrong or soaked.lost)
    print(f"\n{'all flat, all right' if good else 'NOT all flat and right'}")
    _last_line(soaked, found, leaks, rate)
    return 0 if good else 1


def _last_line(soaked: Soaked, found: Sequence[Trend], leaks: list[str], rate: float) -> None:
    summary = {
        "metric": "soak",
        "seconds": round(soaked.seconds, 1),
        "checks": soaked.checks,
        "checks_per_s": round(rate, 1),
        "wrong": len(soaked.wrong),
        "lost": soaked.lost,
        "leaks": leaks,
        "killed": dict(soaked.killed),
        "slopes_per_minute": {trend.name: round(trend.slope, 2) for trend in found},
    }
    print(json.dumps(summary))


def _kills(statistics: dict[str, int]) -> dict[str, int]:
    kept = ("killed", "timeout", "memory", "output", "refused", "broken")
    return {
        name: count
        for name, count in sorted(statistics.items())
        if name in kept or name.startswith("stopped") or name.endswith("restarted")
    }


def _counts(title: str, counts: dict[str, int]) -> None:
    print(f"\n{title}")
    for name, count in counts.items():
        print(f"  {name:32} {count:9}")


if __name__ == "__main__":
    sys.exit(main())
