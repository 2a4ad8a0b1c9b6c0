"""Claims about damage: a checkpoint that is not what was saved is passed over, and said so."""

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import jax.numpy as jnp
import pytest

from sinq_jax.checkpoint import CheckpointError, Checkpoints
from sinq_jax.checkpoint_record import Progress
from sinq_jax.players import Players
from tests.checkpoint.scene import assert_equal_bits, files, largest_file, noisy


def truncate(folder: Path) -> None:
    path = largest_file(folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty_a_file(folder: Path) -> None:
    largest_file(folder).write_bytes(b"")


def flip_a_bit(folder: Path) -> None:
    path = largest_file(folder)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def drop_the_record(folder: Path) -> None:
    shutil.rmtree(folder / "record")


def drop_the_arrays(folder: Path) -> None:
    shutil.rmtree(folder / "players")


def write_nonsense(folder: Path) -> None:
    (folder / "record" / "metadata").write_text("[1, {")


def leave_one_stray_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "_CHECKPOINT_METADATA").write_text("")


def rewrite_record(folder: Path, change: Callable[[dict], None]) -> None:
    path = folder / "record" / "metadata"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def change_the_progress(folder: Path) -> None:
    rewrite_record(
        folder, lambda record: record.update(progress=record["progress"].replace("2", "3"))
    )


DAMAGE = [
    truncate,
    empty_a_file,
    flip_a_bit,
    drop_the_record,
    drop_the_arrays,
    write_nonsense,
    leave_one_stray_file,
    change_the_progress,
]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_damaged_checkpoint_is_passed_over_with_one_line(
    saved: Checkpoints, players: Players, damage: Callable[[Path], None], capfd
) -> None:
    damage(saved.directory / "12")
    restored = saved.restore(players)
    assert_equal_bits(restored.players, noisy(players, 8))
    assert restored.progress == Progress(2, 108, 8)
    (line,) = restored.skipped
    assert line.startswith("checkpoints/12: expected ")
    assert ", got " in line
    assert line.endswith("; using checkpoint 8")
    assert "\n" not in line
    assert capfd.readouterr() == ("", "")


def test_other_bytes_than_were_saved_are_noticed_when_everything_else_fits(
    saved: Checkpoints, players: Players
) -> None:
    """The arrays of 8 under the record of 12 are a sound Orbax checkpoint of the wrong numbers."""
    folder = saved.directory / "12"
    shutil.rmtree(folder / "players")
    shutil.copytree(saved.directory / "8" / "players", folder / "players")
    (line,) = saved.restore(players).skipped
    assert line.startswith("checkpoints/12: expected evaluator/")
    assert "as it was saved, got other bytes" in line


def test_no_usable_checkpoint_is_an_error_and_no_fresh_start(
    saved: Checkpoints, players: Players
) -> None:
    truncate(saved.directory / "8")
    truncate(saved.directory / "12")
    with pytest.raises(CheckpointError, match=r"^checkpoints/12: expected .*, got .*; no earlier"):
        saved.restore(players)


@contextmanager
def no_room_for_files_over(size: int) -> Iterator[None]:
    """As on a disk that is full: every write beyond ``size`` bytes of a file fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 64, 2048])
def test_without_room_the_earlier_checkpoints_stay_as_they_were(
    saved: Checkpoints, players: Players, room: int, capfd: pytest.CaptureFixture[str]
) -> None:
    before = files(saved.directory)
    with no_room_for_files_over(room), pytest.raises(CheckpointError) as caught:
        saved.save(16, players, Progress(3, 116, 16))
    message = str(caught.value)
    assert message.startswith("checkpoints/16: expected to save it, got File too large; make room")
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")
    assert files(saved.directory) == before
    assert saved.restore(players).progress.tick == 12


def test_a_save_that_was_cut_short_leaves_nothing_in_the_way(
    saved: Checkpoints, players: Players
) -> None:
    shutil.copytree(saved.directory / "12", saved.directory / "scratch" / "16.orbax-checkpoint-tmp")
    assert saved.restore(players).progress.tick == 12
    saved.save(16, players, Progress(3, 116, 16))
    assert {path.name for path in saved.directory.iterdir()} == {"12", "16"}


SAVES_FOR_EVER = """
import itertools, sys, pathlib
import jax.numpy as jnp
from sinq_jax.checkpoint import Checkpoints
from sinq_jax.checkpoint_record import Progress
checkpoints = Checkpoints(pathlib.Path(sys.argv[1]), keep=2)
for tick in itertools.count(1):
    players = {"shared": {"numbers": jnp.full((300, 1000), tick, jnp.float32)}}
    checkpoints.save(tick, players, Progress(0, 0, tick))
    print(tick, flush=True)
"""


def test_a_process_that_is_killed_while_it_saves_loses_nothing_that_was_saved(
    checkpoints: Checkpoints,
) -> None:
    command = [sys.executable, "-c", SAVES_FOR_EVER, str(checkpoints.directory)]
    saved = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while saved < 4:
            saved = int(process.stdout.readline())
        process.kill()
    restored = checkpoints.restore({"shared": {"numbers": jnp.zeros((300, 1000))}})
    assert restored.skipped == ()
    assert restored.progress.tick >= saved
    assert (restored.players["shared"]["numbers"] == restored.progress.tick).all()


def test_a_run_that_went_back_replaces_what_it_could_not_use(
    saved: Checkpoints, players: Players
) -> None:
    truncate(saved.directory / "12")
    saved.save(10, players, Progress(2, 110, 10))
    assert {path.name for path in saved.directory.iterdir()} == {"8", "10"}
    truncate(saved.directory / "10")
    saved.save(10, players, Progress(2, 110, 10))
    assert saved.restore(players).progress.tick == 10
