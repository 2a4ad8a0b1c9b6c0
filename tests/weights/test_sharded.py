"""Claims about several devices: each reads and holds its part, and together they are the whole."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sinq_jax.models.weights import save_params
from tests.weights.scene import random_params
from tests.weights.sharded_run import CONFIG, SPEC

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a process read")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("sharded")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.weights.sharded_run", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_layout_holds_the_same_bits(said: dict) -> None:
    assert len(said) == 7
    assert [name for name, found in said.items() if not found["same"]] == []


def test_every_device_holds_its_part_and_no_more(said: dict) -> None:
    assert [name for name, found in said.items() if not found["parts"]] == []
    assert [name for name, found in said.items() if not found["placed"]] == []


def test_eight_devices_read_the_file_once(said: dict) -> None:
    """Blocks that overlap add a tenth; each device for itself would make it eightfold."""
    for name, found in said.items():
        assert 1 <= found["read"] < 1.2, name


def test_every_layout_writes_the_same_file(said: dict) -> None:
    assert [name for name, found in said.items() if not found["saved"]] == []


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What two processes found that have two of four devices each."""
    folder = tmp_path_factory.mktemp("processes") / "checkpoint"
    save_params(folder, SPEC, random_params(SPEC, "float32"), CONFIG, dtype="float32")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-W", "error", "-m", "tests.weights.processes_run", str(folder)]
    running = [
        subprocess.Popen(
            [*command, address, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for number in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    return [json.loads(text) for text in said]


def test_two_processes_read_what_their_devices_hold(both: list[dict]) -> None:
    """Half of the file each, but for rows shorter than a page, of which both read the whole."""
    assert [found["parts"] for found in both] == [True, True]
    assert all(0.5 < found["read"] < 0.7 for found in both)


def test_a_process_does_not_save_what_it_cannot_reach(both: list[dict]) -> None:
    for found in both:
        assert "expected arrays that this process can reach" in found["told"]
