"""Claims about adapters over a base that is split: eight devices compute what one does."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def said() -> dict:
    command = [sys.executable, "-W", "error", "-m", "tests.bridges.sharded_adapters"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("layout", ["data", "fsdp", "mixed"])
def test_a_mixed_batch_and_an_update_are_the_same_everywhere(said: dict, layout: str) -> None:
    """Devices add partial sums in another order; log-probabilities are of order 5."""
    ours, alone = said[layout], said["alone"]
    assert ours["tokens"] == alone["tokens"]
    np.testing.assert_allclose(ours["logprobs"], alone["logprobs"], atol=1e-5)
    np.testing.assert_allclose(ours["loss"], alone["loss"], atol=1e-5)
    apart = np.abs(np.subtract(ours["learned"], alone["learned"]))
    # A step of 1e-3: AdamW divides a gradient by its own size, so mere rounding may turn one round.
    assert apart.max() < 2.1e-3
    assert np.quantile(apart, 0.99) < 1e-5


def test_the_base_is_split_stays_as_it_is_and_adapters_are_split_like_it(said: dict) -> None:
    assert all(layout["frozen"] for layout in said.values())
    assert said["alone"]["base parts"] == said["data"]["base parts"] == 1
    assert (said["fsdp"]["base parts"], said["mixed"]["base parts"]) == (8, 4)
    assert said["fsdp"]["adapter parts"] == [8, 1]  # a reads embed, b writes mlp
    assert said["mixed"]["adapter parts"] == [2, 2]
