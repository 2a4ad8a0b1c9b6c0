"""Claims about training one player on a mesh: eight devices compute what one does."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def said() -> dict:
    command = [sys.executable, "-W", "error", "-m", "tests.bridges.sharded_fitting"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("layout", ["fsdp", "mixed"])
@pytest.mark.parametrize("name", ["supervised", "preferences"])
def test_steps_are_the_same_everywhere(said: dict, layout: str, name: str) -> None:
    """Devices add partial sums in another order; log-probabilities are of order 5."""
    ours, alone = said[layout][name], said["alone"][name]
    for measure, value in alone["told"].items():
        np.testing.assert_allclose(ours["told"][measure], value, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(said[layout]["reference"], said["alone"]["reference"], atol=1e-4)
    apart = np.abs(np.subtract(ours["learned"], alone["learned"]))
    # Two steps of 1e-3: AdamW divides a gradient by its own size, so rounding may turn one round.
    assert apart.max() < 4.2e-3
    assert np.quantile(apart, 0.99) < 1e-4


def test_a_player_that_begins_again_lies_as_its_base_does(said: dict) -> None:
    for name in ("supervised", "preferences"):
        assert said["alone"][name]["parts"] == 1
        assert (said["fsdp"][name]["parts"], said["mixed"][name]["parts"]) == (8, 4)
