"""The ways to check pairs that `perf.sandbox` compares, and what is measured of each."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from perf.machine import cpu_seconds, on_cores
from sandbox import Check, Sandbox

HERE = Path(__file__).parent
FRESH_LIMIT_S = 2.5
DEPTH = 256


@dataclass
class Measure:
    """What one way did, over all rounds: seconds of wall and CPU time, and of each check."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Checks per second of wall time."""
        return len(self.latencies_s) / self.wall_s if self.wall_s else 0.0

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of one check."""
        return 1000 * self.cpu_s / max(len(self.latencies_s), 1)

    def quantile_ms(self, share: float) -> float:
        """Milliseconds that this share of the checks took at most."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


class Arm:
    """One way to check pairs, on a number of cores. A context manager."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        self.measure = Measure()

    def run(self, checks: Sequence[Check], seconds: float) -> None:
        """Check pairs in their order; start none after this many seconds."""
        with on_cores(self.cores):
            began, used = time.perf_counter(), cpu_seconds()
            self.measure.latencies_s += self._latencies(checks, began + seconds)
            self.measure.wall_s += time.perf_counter() - began
            self.measure.cpu_s += cpu_seconds() - used

    def close(self) -> None:
        """End what the arm keeps running."""

    def _latencies(self, checks: Sequence[Check], deadline: float) -> list[float]:
        raise NotImplementedError


class OneByOne(Arm):
    """Each core asks for one check, waits for the verdict, and asks for the next."""

    def __init__(self, cores: int, ask: Callable[[Check], object]) -> None:
        super().__init__(cores)
        self._ask = ask

    def _latencies(self, checks: Sequence[Check], deadline: float) -> list[float]:
        left, lock, found = iter(checks), threading.Lock(), []

        def work() -> None:
            while time.perf_counter() < deadline:
                with lock:
                    check = next(left, None)
                if check is None:
                    return
                began = time.perf_counter()
                self._ask(check)
                found.append(time.perf_counter() - began)

        with ThreadPoolExecutor(self.cores) as pool:
            for each in [pool.submit(work) for _ in range(self.cores)]:
                each.result()
        return found


class Batch(Arm):
    """All checks are handed over at once, as far as they fit; a sandbox spreads them."""

    def __init__(self, cores: int, sandbox: Sandbox) -> None:
        super().__init__(cores)
        self._sandbox = sandbox

    def _latencies(self, checks: Sequence[Check], deadline: float) -> list[float]:
        found: list[float] = []
        for start in range(0, len(checks), DEPTH * self.cores):
            if time.perf_counter() >= deadline:
                break
            asked = time.perf_counter()

            def note(_: Future[object], asked: float = asked) -> None:
                found.append(time.perf_counter() - asked)

            some = checks[start : start + DEPTH * self.cores]
            futures = self._sandbox.submit_all(some)
            for future in futures:
                future.add_done_callback(note)  # type: ignore[arg-type]
            for future in futures:
                future.result()
        return found


def in_a_fresh_python(script: str, limit_s: float | None) -> Callable[[Check], object]:
    """Return a function that checks one pair in an interpreter started for it."""

    def ask(check: Check) -> str:
        command = [sys.executable, str(HERE / script)]
        question = json.dumps(asdict(check)).encode()
        try:
            done = subprocess.run(command, input=question, capture_output=True, timeout=limit_s)
        except subprocess.TimeoutExpired:
            return "time"
        return done.stdout.decode()

    return ask


class Family:
    """All ways on one number of cores; those of ours share no sandbox, so none gains by another."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        with on_cores(cores):
            self._sandboxes = [Sandbox(cores), Sandbox(cores)]
        authors = in_a_fresh_python("authors_way.py", None)
        fresh = in_a_fresh_python("fresh_python.py", FRESH_LIMIT_S)
        self.arms: dict[str, Arm] = {
            "authors' way": OneByOne(cores, authors),
            "fresh python per check": OneByOne(cores, fresh),
            "ours, one by one": OneByOne(cores, self._sandboxes[0].check),
            "ours, in batches": Batch(cores, self._sandboxes[1]),
        }
        for sandbox in self._sandboxes:
            sandbox.check_all([_warm(place) for place in range(8 * cores)])

    def close(self) -> None:
        """End the sandboxes."""
        for sandbox in self._sandboxes:
            sandbox.close()


def _warm(place: int) -> Check:
    """Return a check that starts the servers of both seeds of one tier of modules."""
    imports = ("", "import collections\n", "import json\n")[place % 3]
    original = f"{imports}def f(x):\n    return x + {place}"
    return Check("", "f", original, original.replace("+", "-"), "{'x': 1}")
