"""``run.py`` as several processes on this machine, each with devices of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sinq_jax.config.files import REPOSITORY

SMALL = "tests/hosts/small.py"
PATIENCE_S = 240


@dataclass(frozen=True)
class Ended:
    """How one process ended: its exit status and what it said."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on stderr."""
        return self.err.splitlines()


@dataclass(frozen=True)
class Doomed:
    """Process ``host`` gets a signal at a moment of ``tests.run.mortal``."""

    host: int
    moment: str
    call: int
    signal: str = "SIGKILL"

    def words(self) -> list[str]:
        return ["-m", "tests.run.mortal", self.moment, str(self.call), self.signal]


@dataclass(frozen=True)
class Company:
    """Starts runs; ``compiled`` is a folder that spares each what another one compiled."""

    compiled: Path

    def __call__(
        self,
        workdir: Path,
        count: int,
        devices: int,
        *flags: str,
        doomed: Doomed | None = None,
        last: str = "",
    ) -> list[Ended]:
        """Run to the end of all ``count`` processes with ``devices`` each; ``last`` is one more
        flag for the last of them.
        """
        words = [*_run(workdir), f"--coordinator={free_address()}", f"--processes={count}", *flags]
        processes = [
            self._start(
                doomed.words() if doomed and doomed.host == number else ["run.py"],
                [*words, f"--process={number}", *([last] if last and number == count - 1 else [])],
                devices,
            )
            for number in range(count)
        ]
        return all_ended(processes)

    def alone(self, workdir: Path, devices: int, *flags: str) -> Ended:
        """Run to the end as one process that knows of no others."""
        return ended(self._start(["run.py"], [*_run(workdir), *flags], devices))

    def _start(self, program: list[str], words: list[str], devices: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *program, *words],
            cwd=REPOSITORY,
            env={
                **os.environ,
                # XLA has a thread for each core, or for each device where there are more of these,
                # and adds up the parts of a product that it splits among threads. With as many in
                # every process, what is compared is how hosts talk and not how many threads add.
                "NPROC": "4",
                "JAX_PLATFORMS": "cpu",
                "JAX_NUM_CPU_DEVICES": str(devices),
                "JAX_COMPILATION_CACHE_DIR": str(self.compiled),
                "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
                "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def free_address() -> str:
    """A place on this machine at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


def _run(workdir: Path) -> list[str]:
    return [f"--config={SMALL}", f"--workdir={workdir}"]


def all_ended(processes: Sequence[subprocess.Popen[str]]) -> list[Ended]:
    """How they end. All are listened to at once: one that nobody hears would stop and wait, and the
    others for it.
    """
    with ThreadPoolExecutor(len(processes)) as pool:
        return list(pool.map(ended, processes))


def ended(process: subprocess.Popen[str]) -> Ended:
    """How a process ends, which it has to within ``PATIENCE_S``."""
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    return Ended(process.returncode, out, err)
