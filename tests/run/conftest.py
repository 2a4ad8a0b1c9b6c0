"""What the tests of whole runs share: the command, one run that nothing disturbed, and its players
with all that they need to play on.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import jax
import pytest

from sandbox import Sandbox
from sinq_jax.checkpoint import Checkpoints
from sinq_jax.experiment import Experiment, assemble
from sinq_jax.players import Players
from sinq_jax.preparation import prepare
from tests.run.command import Command
from tests.run.small import get_config


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    return Command(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def undisturbed(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workdir of a small run that nothing ever stopped. Not to be written to."""
    workdir = tmp_path_factory.mktemp("runs") / "undisturbed"
    done = command(workdir)
    assert done.returncode == 0, done.stderr
    return workdir


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def experiment(
    undisturbed: Path, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Experiment:
    """The surroundings of the undisturbed run."""
    workdir = tmp_path_factory.mktemp("experiment")
    shutil.copytree(undisturbed / "data", workdir / "data")
    return assemble(get_config(), prepare(get_config(), workdir, sandbox), sandbox)


@pytest.fixture
def players(undisturbed: Path, experiment: Experiment) -> Players:
    """The players at the end of the undisturbed run; learning uses them up."""
    fresh = experiment.learner.new_players(jax.random.key(0))
    restored = Checkpoints(undisturbed / "checkpoints", 2).restore(fresh)
    assert restored is not None
    return restored.players
