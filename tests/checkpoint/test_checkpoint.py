"""Claims about checkpoints: exact, one unit, and honest about damage."""

import json
import logging
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.checkpoint import CheckpointError, Checkpoints, Progress
from sinq_jax.learning.train_step import make_optimizer, new_player
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import init_params
from sinq_jax.players import ROLES, Players

SPEC = ModelSpec(vocab=11, width=8, layers=2, heads=2, kv_heads=1, head_dim=4, mlp=12)


OPTIMIZER = make_optimizer(1.0, 0.01, 0.9, 0.95)


def shapes(spec: ModelSpec = SPEC, names: tuple[str, ...] = ROLES) -> Players:
    """What fresh players look like, without making any."""
    player = jax.eval_shape(
        lambda key: new_player(init_params(spec, key), OPTIMIZER), jax.random.key(0)
    )
    return dict.fromkeys(names, player)


def noisy(tree: Players, seed: int) -> Players:
    """Players as after some steps: no array of them is zero or one throughout."""
    rng = np.random.default_rng(seed)
    return jax.tree.map(
        lambda leaf: jnp.array(100 * rng.normal(size=leaf.shape), dtype=leaf.dtype), tree
    )


@pytest.fixture(scope="module")
def players() -> Players:
    return noisy(shapes(), 1)


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints", keep=2)


@pytest.fixture(scope="module")
def once(players: Players, tmp_path_factory: pytest.TempPathFactory) -> Path:
    checkpoints = Checkpoints(tmp_path_factory.mktemp("once") / "checkpoints", keep=2)
    for tick in (8, 12):
        checkpoints.save(tick, noisy(players, tick), Progress(2, 100 + tick, tick))
    return checkpoints.directory


@pytest.fixture
def saved(checkpoints: Checkpoints, once: Path) -> Checkpoints:
    """The checkpoints of ticks 8 and 12."""
    shutil.copytree(once, checkpoints.directory)
    return checkpoints


def assert_equal_bits(actual: Players, expected: Players) -> None:
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for ours, theirs in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.sharding == theirs.sharding
        assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def largest_file(folder: Path) -> Path:
    """The one that holds the arrays."""
    return max((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)


def test_players_and_progress_come_back_bit_for_bit(
    checkpoints: Checkpoints, players: Players
) -> None:
    progress = Progress(3, 70, 5, {"baseline": [0.1, 1 / 3, 1e-300], "phase": "play", "none": None})
    checkpoints.save(5, players, progress)
    restored = checkpoints.restore(jax.tree.map(jnp.zeros_like, players))
    assert restored is not None
    assert_equal_bits(restored.players, players)
    assert restored.progress == progress
    assert restored.skipped == ()


def test_values_that_are_not_numbers_come_back_too(checkpoints: Checkpoints) -> None:
    odd = np.array([np.nan, -0.0, np.inf, 1e-45], np.float32)
    odd.view(np.uint32)[0] = 0x7FC00001  # a NaN with a payload
    tree = {"shared": {"odd": jnp.array(odd), "half": jnp.array([1.5, -2.0], jnp.bfloat16)}}
    checkpoints.save(1, tree, Progress(0, 0, 1))
    assert_equal_bits(checkpoints.restore(jax.tree.map(jnp.zeros_like, tree)).players, tree)


def test_nothing_saved_restores_nothing(checkpoints: Checkpoints, players: Players) -> None:
    assert checkpoints.restore(players) is None
    checkpoints.directory.mkdir()
    assert checkpoints.restore(players) is None


def test_an_empty_folder_with_a_number_is_no_checkpoint(
    saved: Checkpoints, players: Players
) -> None:
    (saved.directory / "30").mkdir()
    restored = saved.restore(players)
    assert (restored.progress.tick, restored.skipped) == (12, ())


def test_only_the_newest_are_kept(checkpoints: Checkpoints, players: Players) -> None:
    for tick in (1, 2, 10, 11):
        checkpoints.save(tick, players, Progress(0, 0, tick))
        names = sorted(int(path.name) for path in checkpoints.directory.iterdir())
        assert names == [each for each in (1, 2, 10, 11) if each <= tick][-2:]


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


def test_players_of_another_shape_are_named_and_never_cut_or_filled(saved: Checkpoints) -> None:
    wider = shapes(replace(SPEC, vocab=13))
    with pytest.raises(CheckpointError, match=r"float32 \[13, 8\], got float32 \[11, 8\]"):
        saved.restore(wider)


def test_another_number_of_players_is_named(saved: Checkpoints) -> None:
    with pytest.raises(CheckpointError, match=r"expected evaluator/.* to be nothing, got \w+32 "):
        saved.restore(shapes(names=("generator",)))


def test_arrays_are_never_cast(saved: Checkpoints, players: Players) -> None:
    half = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), players)
    with pytest.raises(CheckpointError, match=r"to be bfloat16 .*, got (float32|int32)"):
        saved.restore(half)


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
from sinq_jax.checkpoint import Checkpoints, Progress
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


def test_the_newest_checkpoint_tells_what_it_holds_without_its_arrays_being_read(
    saved: Checkpoints, players: Players
) -> None:
    contents = saved.newest()
    assert contents.progress == Progress(2, 112, 12)
    assert len(contents.arrays) == len(jax.tree.leaves(players))
    told = contents.arrays["generator/params/embedding"]
    assert told.startswith("float32 [11, 8] ")
    shutil.rmtree(saved.directory / "12" / "players")
    assert saved.newest() == contents
    write_nonsense(saved.directory / "12")
    with pytest.raises(CheckpointError, match=r"^checkpoints/12: expected .*, got "):
        saved.newest()


def test_nothing_saved_tells_nothing(checkpoints: Checkpoints) -> None:
    assert checkpoints.newest() is None


def test_a_run_that_went_back_replaces_what_it_could_not_use(
    saved: Checkpoints, players: Players
) -> None:
    truncate(saved.directory / "12")
    saved.save(10, players, Progress(2, 110, 10))
    assert {path.name for path in saved.directory.iterdir()} == {"8", "10"}
    truncate(saved.directory / "10")
    saved.save(10, players, Progress(2, 110, 10))
    assert saved.restore(players).progress.tick == 10


def test_progress_that_is_no_json_is_refused_before_anything_is_written(
    saved: Checkpoints, players: Players
) -> None:
    before = files(saved.directory)
    with pytest.raises(TypeError):
        saved.save(16, players, Progress(3, 116, 16, {"when": object()}))
    assert files(saved.directory) == before


def test_a_checkpoint_may_lie_under_a_relative_path(
    players: Players, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    checkpoints = Checkpoints(Path("checkpoints"), keep=1)
    checkpoints.save(1, players, Progress(0, 1, 1))
    assert checkpoints.restore(players).progress.tick == 1


def test_saving_and_restoring_say_nothing(
    checkpoints: Checkpoints, players: Players, capfd, caplog
) -> None:
    with caplog.at_level(logging.WARNING):
        checkpoints.save(1, players, Progress(0, 1, 1))
        checkpoints.restore(players)
    assert capfd.readouterr() == ("", "")
    assert not caplog.records
