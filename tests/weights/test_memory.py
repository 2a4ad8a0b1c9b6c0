"""Claims about the host's memory: loading takes what the arrays are, and little besides."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what was held")


def measure(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "perf.loading", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_loading_takes_the_arrays_and_a_few_blocks() -> None:
    """Half a gigabyte instead of three: what Python and jax take by themselves is left out, for it
    does not grow. The arrays lie in host memory here, so 1.0 is the least.
    """
    done = measure("--gigabytes", "0.56")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert 0.5 < told["file_gb"] < 0.6
    assert 1.0 <= (told["peak_gb"] - told["before_gb"]) / told["file_gb"] < 1.3
    assert "loading" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--gigabytes", "0.1"), "room for one layer"),
        (("--load", "nowhere"), "nowhere"),
        (("--dtype", "int4"), "invalid choice"),
    ],
)
def test_a_mistake_is_answered_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    done = measure(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
