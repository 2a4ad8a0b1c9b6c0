"""Claims about arrays that no host holds whole: they learn, are saved, checked and come back."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sinq_jax.checkpoint import Checkpoints
from sinq_jax.checkpoint_record import digests_of, parts_of
from sinq_jax.config.files import REPOSITORY
from sinq_jax.mesh import make_mesh
from tests.arrays.sharded_run import learner_on
from tests.hosts.company import all_ended, free_address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arrays")


@pytest.fixture(scope="module")
def both(folder: Path) -> list[dict]:
    """What ``arrays_run`` printed on each of two hosts; their checkpoints lie in ``folder``."""
    words = [sys.executable, "-m", "tests.hosts.arrays_run", str(folder), free_address()]
    running = [
        subprocess.Popen(
            [*words, str(number)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    ends = all_ended(running)
    assert [end.status for end in ends] == [0, 0], ends[0].err + ends[1].err
    return [json.loads(end.out.splitlines()[-1]) for end in ends]


def test_both_hosts_read_the_same_completions_losses_and_digests(both: list[dict]) -> None:
    assert both[0] == both[1]
    assert np.shape(both[0]["tokens"]) == (8, 2, 4)
    assert both[0]["before"] != both[0]["last"]


def test_every_weight_is_split_over_the_devices_of_both(both: list[dict]) -> None:
    """In four; on the other mesh norm scales, which have one axis, in two."""
    assert both[0]["split"] == [4]
    assert both[0]["moved split"] == [2, 4]


def test_host_arrays_are_put_on_the_devices_of_both(both: list[dict]) -> None:
    assert both[0]["placed"] == [6.0, 6.0]


def test_a_checkpoint_comes_back_on_another_mesh_bit_for_bit(both: list[dict]) -> None:
    assert both[0]["moved"] == both[0]["last"]


def test_damage_to_what_one_host_saved_is_passed_over_by_both(both: list[dict]) -> None:
    (line,) = both[0]["skipped"]
    assert line.startswith("checkpoints/2: expected ")
    assert line.endswith("; using checkpoint 1")
    assert both[0]["earlier"] == both[0]["before"]


def test_what_two_hosts_saved_comes_back_in_one_process_bit_for_bit(
    both: list[dict], folder: Path
) -> None:
    checkpoints = Checkpoints(folder / "checkpoints", keep=2)
    restored = checkpoints.restore(learner_on(make_mesh(1, 1, 1)).template())
    assert restored is not None
    assert restored.progress.tick == 1
    assert digests_of([parts_of(restored.players)]) == both[0]["before"]
