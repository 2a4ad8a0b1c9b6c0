"""``run.py`` as people start it: in a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sinq_jax.config.files import REPOSITORY

Completed = subprocess.CompletedProcess[str]
SMALL = "tests/run/small.py"


@dataclass(frozen=True)
class Command:
    """Starts runs; ``compiled`` is a folder that spares each process what another one compiled."""

    compiled: Path

    def __call__(self, workdir: Path, *flags: str, config: str = SMALL) -> Completed:
        """Run to the end."""
        return self.words("run.py", f"--config={config}", f"--workdir={workdir}", *flags)

    def until(
        self,
        workdir: Path,
        moment: str,
        call: int,
        signal: str,
        *flags: str,
        config: str = SMALL,
    ) -> Completed:
        """Run until ``call`` calls of a moment of ``tests.run.mortal`` are over, then signal it."""
        mortal = ("-m", "tests.run.mortal", moment, str(call), signal)
        return self.words(*mortal, f"--config={config}", f"--workdir={workdir}", *flags)

    def words(self, *words: str) -> Completed:
        """Run Python on these words, as the leader of a group of processes."""
        return subprocess.run(
            [sys.executable, *words],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "JAX_COMPILATION_CACHE_DIR": str(self.compiled),
                "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
                "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
            },
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
