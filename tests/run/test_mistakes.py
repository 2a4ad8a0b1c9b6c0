"""What goes wrong outside costs one line on stderr and status 2, and what was done is kept."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sinq_jax.same import differences
from tests.run.command import SMALL, Command, Completed

CONFIG = f"--config={SMALL}"
NOTHING_TO_DO = ("--config.warm_start.steps=0", "--config.selfplay.rounds=0")
GOOD = "def twice(x: int) -> int:\n    return x + x if x > {number} else x\n"


def mistake(done: Completed) -> str:
    """Return the one line about what is wrong, which comes last."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


MISTAKES = {
    "no such config": (["--config=no/such.py"], "no/such.py"),
    "a config that is no Python": (["--config=BROKEN.py"], "BROKEN.py:1: expected Python"),
    "a config without its function": (["--config=EMPTY.py"], "get_config"),
    "a typo": ([CONFIG, "--config.warm_start.step=3"], "did you mean --config.warm_start.steps?"),
    "a wrong type": ([CONFIG, "--config.seed=one"], "--config.seed: expected"),
    "out of bounds": ([CONFIG, "--config.model.layers=0"], "--config.model.layers: expected"),
    "contradiction": ([CONFIG, "--config.selfplay.answers=1"], "policy_gradient compares"),
    "a workdir that cannot be made": ([CONFIG, "--workdir=/proc/1/x"], "expected a directory"),
    "a workdir in a file": ([CONFIG, "--workdir=EMPTY.py/x"], "expected a directory"),
}


@pytest.mark.parametrize(("flags", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_on_the_command_line_is_one_line(
    command: Command, tmp_path: Path, flags: list[str], said: str
) -> None:
    (tmp_path / "BROKEN.py").write_text("def get_config(:\n")
    (tmp_path / "EMPTY.py").write_text("x = 1\n")
    for name in ("BROKEN.py", "EMPTY.py"):
        flags = [flag.replace(name, str(tmp_path / name)) for flag in flags]
    done = command.words("run.py", f"--workdir={tmp_path / 'run'}", *flags)
    assert said in mistake(done)
    assert len(done.stderr.splitlines()) == 1


def test_a_workdir_of_another_config_names_what_differs_and_stays_as_it_was(
    command: Command, undisturbed: Path, tmp_path: Path
) -> None:
    workdir = shutil.copytree(undisturbed, tmp_path / "run")
    done = command(workdir, "--config.seed=5", "--config.rollout.temperature=0.5")
    line = mistake(done)
    assert "seed 0 -> 5" in line
    assert "rollout.temperature 1.0 -> 0.5" in line
    assert list(differences(undisturbed, workdir)) == []


def test_games_that_are_gone_are_missed(
    command: Command, undisturbed: Path, tmp_path: Path
) -> None:
    workdir = shutil.copytree(undisturbed, tmp_path / "run")
    for path in workdir.glob("games.sqlite*"):
        path.unlink()
    assert "games.sqlite: expected the games of 3 rounds" in mistake(command(workdir))


@pytest.mark.parametrize("kind", ["folder", "jsonl"])
def test_an_empty_set_of_programs_is_one_line(command: Command, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "programs"
    place.mkdir() if kind == "folder" else place.write_text("")
    flags = (f"--config.programs.source={kind}", f"--config.programs.path={place}")
    assert "expected at least one program, got none" in mistake(command(tmp_path / "run", *flags))


def source(folder: Path) -> tuple[str, str]:
    return "--config.programs.source=folder", f"--config.programs.path={folder}"


@pytest.fixture(scope="module")
def folder_run(
    command: Command, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, Completed]:
    """A folder with two files that cannot be used, and a run with it: its workdir, what it said."""
    folder = tmp_path_factory.mktemp("programs")
    for number in range(12):
        (folder / f"good_{number}.py").write_text(GOOD.format(number=number))
    (folder / "broken.py").write_text("def twice(x:\n")
    (folder / "starred.py").write_text("def twice(*x):\n    return x\n")
    workdir = tmp_path_factory.mktemp("folder")
    return folder, workdir, command(workdir, *source(folder), *NOTHING_TO_DO)


def test_a_program_that_cannot_be_used_is_named_and_the_others_are_used(
    folder_run: tuple[Path, Path, Completed],
) -> None:
    *_, done = folder_run
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("skipped ")]
    assert len(said) == 2
    assert "broken.py: not readable as Python: line 1" in said[0]
    assert "starred.py:1: " in said[1]


def test_programs_that_changed_under_a_run_are_refused(
    command: Command, folder_run: tuple[Path, Path, Completed], tmp_path: Path
) -> None:
    folder, workdir, _ = folder_run
    workdir = shutil.copytree(workdir, tmp_path / "run")
    (folder / "good_3.py").write_text(GOOD.format(number=99))
    line = mistake(command(workdir, *source(folder), *NOTHING_TO_DO))
    assert "expected the programs that this run began with, got others" in line


def test_records_without_an_entry_point_are_named_and_counted(
    command: Command, tmp_path: Path
) -> None:
    lines = ['{"code": "def f(x): return x", "entry_point": "g"}', "{", '{"code": "x = 1"}'] * 3
    path = tmp_path / "programs.jsonl"
    path.write_text("\n".join(lines) + "\n")
    flags = ("--config.programs.source=jsonl", f"--config.programs.path={path}")
    line = mistake(command(tmp_path / "run", *flags))
    assert "9 skipped, the first: " in line
    assert f"{path}:" in line.split("the first: ")[1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """``small_disk(size)`` mounts a file system of that size, or gives a mounted one that size."""
    place = tmp_path / "disk"
    place.mkdir()

    def sized(size: str) -> Path:
        options = f"size={size}" + (",remount" if os.path.ismount(place) else "")
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a small disk needs the right to mount one: {done.stderr.strip()}")
        return place

    yield sized
    if os.path.ismount(place):
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_line_at_any_moment_and_with_room_the_run_goes_on(
    command: Command, undisturbed: Path, small_disk: Callable[[str], Path]
) -> None:
    for size in ("4k", "256k"):
        line = mistake(command(small_disk(size) / "run"))
        assert "No space left on device" in line, size
    done = command(small_disk("64m") / "run")
    assert done.returncode == 0, done.stderr
    assert list(differences(undisturbed, small_disk("64m") / "run")) == []
