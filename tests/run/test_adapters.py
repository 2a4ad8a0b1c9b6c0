"""Checkpoints and adapters from disk to disk: what goes out comes in again, and a run of adapters
that is killed again and again ends like one that never was.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from sinq_jax.export_weights import main as export_weights
from sinq_jax.game.store import GameStore
from sinq_jax.players import ROLES
from sinq_jax.pretrained import open_pretrained
from sinq_jax.same import differences
from sinq_jax.trained import open_beginning, open_run
from tests.run.adapters import get_config
from tests.run.checkpoints import write_checkpoint
from tests.run.command import Command

CONFIG = "tests/run/adapters.py"
WHOLE = (
    "--config.players.adapter_rank=0",
    "--config.players.shared=True",
    "--config.model.param_dtype=float32",
    "--config.warm_start.steps=80",
    "--config.warm_start.rise_steps=5",
    "--config.selfplay.rounds=0",
)
LIVES = (
    ("warm start", 3),  # saved after step 2
    ("sampling", 5),  # round 1: the benchmark makes three calls
    ("training", 1),  # one of two players has learned
)
"""Where adapters are not what all weights are; ``test_resume`` has the other moments."""


@pytest.fixture(scope="module")
def whole(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workdir of a run in which all weights learned some variants and inputs by heart."""
    path = write_checkpoint(tmp_path_factory.mktemp("begin") / "qwen2", "qwen2")
    workdir = tmp_path_factory.mktemp("whole")
    done = command(workdir, f"--config.model.path={path}", *WHOLE, config=CONFIG)
    assert done.returncode == 0, done.stderr
    return workdir


@pytest.fixture(scope="module")
def exported(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Hugging Face directory of that run."""
    folder = tmp_path_factory.mktemp("exported") / "model"
    assert export_weights([str(whole), "--to", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def tuned(command: Command, exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workdir of a run of two adapters over what was exported, which nothing stopped."""
    workdir = tmp_path_factory.mktemp("tuned")
    done = command(workdir, f"--config.model.path={exported}", config=CONFIG)
    assert done.returncode == 0, done.stderr
    return workdir


def assert_equal(one: object, other: object) -> None:
    jax.tree.map(np.testing.assert_array_equal, one, other)


def test_exported_weights_come_in_bit_for_bit_with_config_and_tokenizer(
    whole: Path, exported: Path
) -> None:
    run = open_run(whole)
    again = open_pretrained(exported)
    assert replace(again.spec, unroll=2) == replace(run.pretrained.spec, unroll=2)
    text = "def f(x):\n\treturn x\n"
    assert again.tokenizer.encode_prompt(text) == run.tokenizer.encode_prompt(text)
    assert_equal(again.load(run.learner.mesh), run.learner.params(run.players, "generator"))


def test_two_adapters_play_and_learn_apart(tuned: Path) -> None:
    run = open_run(tuned)
    one, other = (run.players[role].params for role in ROLES)
    assert any((a != b).any() for a, b in zip(*map(jax.tree.leaves, (one, other)), strict=True))
    with GameStore(tuned / "games.sqlite", readonly=True) as store:
        games = list(store.games(1))
    assert any(game.admitted for game in games)
    assert any(game.answers for game in games)


def test_a_run_of_adapters_that_dies_again_and_again_ends_like_one_that_never_did(
    command: Command, exported: Path, tuned: Path, tmp_path: Path
) -> None:
    flags = (f"--config.model.path={exported}",)
    for moment, call in LIVES:
        done = command.until(tmp_path, moment, call, "SIGKILL", *flags, config=CONFIG)
        assert done.returncode == -9, (moment, done.stderr)
    done = command(tmp_path, *flags, config=CONFIG)
    assert done.returncode == 0, done.stderr
    assert list(differences(tuned, tmp_path)) == []


def test_exported_adapters_are_what_players_begin_with(
    exported: Path, tuned: Path, tmp_path: Path
) -> None:
    for role in ROLES:
        assert export_weights([str(tuned), "--to", str(tmp_path / role), "--role", role]) == 0
    config = get_config()
    players = replace(
        config.players,
        generator_adapter=str(tmp_path / "generator"),
        evaluator_adapter=str(tmp_path / "evaluator"),
    )
    model = replace(config.model, path=str(exported))
    begun = open_beginning(replace(config, model=model, players=players))
    ended = open_run(tuned)
    for role in ROLES:
        ours, theirs = (each.learner.params(each.players, role) for each in (begun, ended))
        assert_equal(ours, theirs)


def test_what_cannot_be_exported_is_one_line(
    undisturbed: Path, tuned: Path, exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    for workdir, folder, said in (
        (tmp_path, tmp_path / "new", "config.json: expected the config of a run"),
        (undisturbed, tmp_path / "new", "expected a run that began with a checkpoint"),
        (tuned, tmp_path / "new", "--role: expected generator or evaluator"),
    ):
        assert export_weights([str(workdir), "--to", str(folder)]) == 2
        assert said in capsys.readouterr().err
    assert export_weights([str(tuned), "--to", str(exported), "--role", "generator"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{exported}: expected" in line


def test_other_weights_than_it_began_with_are_refused_and_the_same_elsewhere_are_not(
    command: Command, exported: Path, tuned: Path, tmp_path: Path
) -> None:
    workdir = shutil.copytree(tuned, tmp_path / "run")
    other = write_checkpoint(tmp_path / "other", "qwen2", seed=1)
    done = command(workdir, f"--config.model.path={other}", config=CONFIG)
    assert done.returncode == 2
    line = done.stderr.splitlines()[-1]
    assert line.startswith("checkpoints/4: expected players that began with the weights ")
    assert "Traceback" not in done.stderr
    moved = shutil.copytree(exported, tmp_path / "moved")
    done = command(workdir, f"--config.model.path={moved}", config=CONFIG)
    assert done.returncode == 0, done.stderr
    assert list(differences(tuned, workdir)) == []
