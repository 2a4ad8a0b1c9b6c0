"""Claims about device layouts: eight devices compute what one does."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYOUTS = ("data", "fsdp", "tensor", "mixed", "replicas")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layouts")


@pytest.fixture(scope="module")
def said(folder: Path) -> dict:
    """What ``sharded_run`` printed; its arrays lie in ``folder``."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.arrays.sharded_run", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(params=LAYOUTS)
def both(request: pytest.FixtureRequest, said: dict, folder: Path) -> tuple[dict, dict]:
    """The results of one layout and of a single device."""
    layout, alone = (dict(np.load(folder / f"{name}.npz")) for name in (request.param, "alone"))
    assert layout.keys() == alone.keys()
    return layout, alone


def test_fresh_players_are_the_same_everywhere(both: tuple[dict, dict]) -> None:
    layout, alone = both
    names = [name for name in alone if name.startswith("fresh")]
    assert len(names) == 11
    for name in names:
        np.testing.assert_array_equal(layout[name], alone[name])


def test_sampled_tokens_are_the_same_everywhere(both: tuple[dict, dict]) -> None:
    """Log-probabilities of order 5; devices add partial sums in another order."""
    layout, alone = both
    np.testing.assert_array_equal(layout["tokens"], alone["tokens"])
    np.testing.assert_allclose(layout["logprobs"], alone["logprobs"], atol=1e-5)


def test_losses_and_updated_parameters_are_close_everywhere(both: tuple[dict, dict]) -> None:
    """Two steps of 1e-3 each: AdamW divides a gradient by its own size, so where it is mere
    rounding error a parameter may move by up to a step in any direction. Hardly any does.
    """
    layout, alone = both
    for name in ("loss 0", "loss 1"):
        np.testing.assert_allclose(layout[name], alone[name], atol=1e-5)
    names = [name for name in alone if name.startswith("updated")]
    apart = np.concatenate([np.abs(layout[name] - alone[name]).ravel() for name in names])
    moved = np.concatenate(
        [np.abs(alone[name] - alone[name.replace("updated", "fresh")]).ravel() for name in names]
    )
    assert moved.mean() > 5e-4
    assert apart.max() < 4.1e-3
    assert np.quantile(apart, 0.99) < 1e-5


def test_sampler_and_trainer_agree_on_every_layout(both: tuple[dict, dict]) -> None:
    assert both[0]["gap 0"] < 1e-5


def test_parameters_and_moments_are_split_over_fsdp_and_tensor(said: dict) -> None:
    assert set(said["parts"]["alone"].values()) == {1}
    assert set(said["parts"]["data"].values()) == {1}
    # Norm scales have the axis embed alone, which fsdp splits; all others are split by both.
    for layout, fsdp, tensor in (("fsdp", 8, 1), ("tensor", 1, 8), ("mixed", 2, 2)):
        split = said["parts"][layout]
        assert split == {name: fsdp if "scale" in name else fsdp * tensor for name in split}
    assert said["parts"]["replicas"] == said["parts"]["mixed"]
    assert said["moments"] == [True] * 6


def test_a_checkpoint_of_one_layout_is_restored_to_another_bit_for_bit(said: dict) -> None:
    assert said["moved"] == dict.fromkeys([*LAYOUTS, "alone"], True)


def test_a_mesh_that_does_not_fit_is_one_line_that_says_what_to_do(said: dict) -> None:
    assert said["devices"] == (
        "config.mesh: expected replica x data x fsdp x tensor = 8 devices, got 1 x 3 x 1 x 1; "
        "set data=-1 to take what is left"
    )
    assert said["odd model"].startswith("config.mesh: expected embedding [23, 6] to divide by ")
    assert said["odd model"].endswith(
        "got a mesh of replica=1, data=2, fsdp=4, tensor=1; choose another mesh or model size"
    )
    assert said["odd batch"] == (
        "config.mesh: expected replica x data x fsdp = 8 to divide every batch, got one of 6 "
        "rows; choose another mesh or batch size"
    )
