"""A run that is killed, stopped or damaged goes on, and ends with the bits of one that was not."""

import shutil
from pathlib import Path

from sinq_jax.same import differences
from tests.run.command import Command

LIVES = (
    ("pairs", 1, "SIGINT"),  # nothing is kept yet, so it ends at once
    ("pairs", 2, "SIGKILL"),  # one of two files is written
    ("warm start", 25, "SIGKILL"),  # saved after step 20
    ("warm start", 5, "SIGTERM"),  # step 25: saved after step 30, where nothing else saves
    # Round 1: after the benchmark's three calls the variants are judged, then the answers.
    ("judging", 5, "SIGKILL"),
    ("training", 1, "SIGKILL"),  # the first of two updates
    ("saving", 1, "SIGKILL"),
    ("training", 2, "SIGINT"),
)
STATUS = {"SIGKILL": -9, "SIGTERM": 143, "SIGINT": 130}


def test_a_run_that_dies_again_and_again_ends_like_one_that_never_did(
    command: Command, undisturbed: Path, tmp_path: Path
) -> None:
    for moment, call, signal in LIVES:
        done = command.until(tmp_path, moment, call, signal)
        assert done.returncode == STATUS[signal], (moment, call, done.stderr)
        if signal != "SIGKILL" and moment != "pairs":
            assert "the same command goes on from here" in done.stderr
    done = command(tmp_path)
    assert done.returncode == 0, done.stderr
    assert list(differences(undisturbed, tmp_path)) == []


def test_a_truncated_checkpoint_is_said_and_the_one_before_it_used(
    command: Command, undisturbed: Path, tmp_path: Path
) -> None:
    workdir = shutil.copytree(undisturbed, tmp_path / "run")
    newest = max(int(path.name) for path in (workdir / "checkpoints").iterdir())
    for path in (workdir / "checkpoints" / str(newest)).rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = command(workdir)
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("checkpoints/")]
    assert len(said) == 1
    assert said[0].startswith(f"checkpoints/{newest}: expected ")
    assert said[0].endswith(f"; using checkpoint {newest - 1}")
    assert list(differences(undisturbed, workdir)) == []
