"""Claims about several devices: each reads and holds its part, and together they are the whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
    """Copies or parts; a few percent are the header, rows at the edge of blocks and /proc."""
    for name, found in said.items():
        assert 1 <= found["read"] < 1.05, name


def test_every_layout_writes_the_same_file(said: dict) -> None:
    assert [name for name, found in said.items() if not found["saved"]] == []
