"""Checkpoints of players, made once for all tests of this folder."""

import shutil
from pathlib import Path

import pytest

from sinq_jax.checkpoint import Checkpoints
from sinq_jax.checkpoint_record import Progress
from sinq_jax.players import Players
from tests.checkpoint.scene import noisy, shapes


@pytest.fixture(scope="session")
def players() -> Players:
    return noisy(shapes(), 1)


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints", keep=2)


@pytest.fixture(scope="session")
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
