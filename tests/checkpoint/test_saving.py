"""Claims about checkpoints: one unit, bit for bit, for players of the same shape alone."""

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.checkpoint import CheckpointError, Checkpoints
from sinq_jax.checkpoint_record import Progress
from sinq_jax.players import Players
from tests.checkpoint.scene import SPEC, assert_equal_bits, files, shapes


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
    (saved.directory / "12" / "record" / "metadata").write_text("[1, {")
    with pytest.raises(CheckpointError, match=r"^checkpoints/12: expected .*, got "):
        saved.newest()


def test_what_plays_can_be_read_without_the_optimizer(saved: Checkpoints, players: Players) -> None:
    part = {name: {"params": player.params} for name, player in players.items()}
    restored = saved.restore(part, part=True)
    whole = saved.restore(players)
    assert restored.progress == whole.progress
    wanted = {name: {"params": player.params} for name, player in whole.players.items()}
    assert_equal_bits(restored.players, wanted)
    with pytest.raises(CheckpointError, match=r"expected nobody/.* to be float32 .*, got nothing"):
        saved.restore({"nobody": part["generator"]}, part=True)


def test_players_of_another_origin_are_refused_and_no_older_ones_taken(
    saved: Checkpoints, players: Players
) -> None:
    tuned = replace(saved, origin="1f2e")
    tuned.save(16, players, Progress(3, 116, 16))
    assert tuned.restore(players).progress.tick == 16
    assert tuned.newest().origin == "1f2e"
    for origin in ("", "9a9a"):
        with pytest.raises(CheckpointError, match="got some that began with the weights 1f2e;"):
            replace(saved, origin=origin).restore(players)


def test_nothing_saved_tells_nothing(checkpoints: Checkpoints) -> None:
    assert checkpoints.newest() is None


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
