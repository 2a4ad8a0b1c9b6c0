"""One sandbox for all scorers, and the real data where it is."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.data_file import DataFile, read_data_file
from sinq_jax.benchmarks.suites.execution import LIMITS
from sinq_jax.config.files import REPOSITORY

DATA = Path(os.environ.get("SINQ_DATA", REPOSITORY / ".." / "shared" / "data"))


@pytest.fixture(scope="session")
def judge() -> Iterator[Sandbox]:
    # Endless loops are given up early, so that the tests are quick.
    with Sandbox(workers=2, limits=replace(LIMITS, sweep_cpu_s=1.0)) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def real() -> Callable[[str], DataFile]:
    """The data file of this name below the folder of real data; the test is skipped without it."""

    def read(name: str) -> DataFile:
        if not (DATA / name).exists():
            pytest.skip(f"needs {name}: set SINQ_DATA to the folder that holds it")
        return read_data_file(DATA / name)

    return read
