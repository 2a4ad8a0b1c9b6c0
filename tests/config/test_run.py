"""run.py itself: a mistake costs one line on stderr, status 2, and no jax was needed to find it."""

import os
import subprocess
import sys

import pytest

from sinq_jax.config.files import REPOSITORY


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "importtime", "run.py", *words]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def messages(done: subprocess.CompletedProcess[str]) -> list[str]:
    lines = done.stderr.splitlines()
    return [line for line in lines if not line.startswith("import time:")]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--config=configs/no_such.py"],
        ["--config=configs/tiny.py", "--config.rollot.temperature=1"],
        ["--config=configs/tiny.py", "--config.model.heads=3"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line_and_status_2(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert len(messages(done)) == 1
    assert done.stdout == ""
    assert "jax.numpy" not in done.stderr


def test_help_is_status_0_and_needs_no_jax() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "--config.seed=0" in done.stdout
    assert messages(done) == []
    assert "jax.numpy" not in done.stderr


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["run.py", "--help"], 141),
        (["-m", "sandbox", "doctor"], 0),
        (["-m", "sinq_jax.benchmarks.suites", "list"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_output_that_nobody_reads_is_no_mistake(command: list[str], status: int) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=REPOSITORY,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(theirs)
    assert (done.returncode, done.stderr) == (status, "")
