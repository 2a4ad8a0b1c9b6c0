"""Claims from compiled programs: a wide model on eight devices is never whole on one of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plan.wide_run import KERNEL, LAYOUTS

ROOT = Path(__file__).resolve().parents[2]
FLOAT = 4


@pytest.fixture(scope="module")
def said() -> dict:
    """What ``wide_run`` printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.plan.wide_run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("program", ["train", "sample"])
def test_no_weight_gradient_moment_or_logits_are_whole(
    said: dict, layout: str, program: str
) -> None:
    assert said[layout][program]["whole"] == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_train_step_needs_two_gradients_of_its_part_and_a_layer(said: dict, layout: str) -> None:
    """The sum over micro-batches and one more; a layer's three wide kernels and their gradients;
    and as much again as two kernels for activations.
    """
    found = said[layout]
    part, layer = found["player"] // 3, 3 * KERNEL * FLOAT // found["tensor"]
    assert found["player"] < found["train"]["arguments"] < 1.01 * found["player"]
    assert found["train"]["temporary"] < 2 * part + 2 * layer + 2 * KERNEL * FLOAT


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sampler_needs_its_part_twice_and_a_layer(said: dict, layout: str) -> None:
    """Layers are taken apart for decoding; prompts are read a gathered layer at a time."""
    found = said[layout]
    layer = 3 * KERNEL * FLOAT // found["tensor"]
    assert found["policy"] < found["sample"]["arguments"] < 1.01 * found["policy"]
    assert found["sample"]["temporary"] < found["policy"] + layer + 2 * KERNEL * FLOAT


def test_without_a_place_logits_would_be_whole(said: dict) -> None:
    assert said["unplaced"]["whole"]
