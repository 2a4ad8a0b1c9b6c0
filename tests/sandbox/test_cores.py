"""Claims: with a lane for every core, each keeps to its own; with more the system places them."""

import os

import pytest

from sandbox import Check, Sandbox
from tests.sandbox.descendants import below

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="this system has no way to choose a core"
)

CHECK = Check("", "f", "def f(x):\n    return x", "def f(x):\n    return -x", "{'x': 1}")


def cores_of_servers(workers: int) -> list[set[int]]:
    """Return the cores that each server of a sandbox may use, after it has judged."""
    before = {each.pid for each in below(os.getpid())}
    with Sandbox(workers=workers) as sandbox:
        sandbox.check_all([CHECK] * 4 * workers)
        new = [each for each in below(os.getpid()) if each.pid not in before and each.is_server]
        return [os.sched_getaffinity(each.pid) for each in new]


def test_with_a_lane_for_every_core_each_server_has_one_core() -> None:
    allowed = os.sched_getaffinity(0)
    found = cores_of_servers(len(allowed))
    assert found
    assert all(len(each) == 1 for each in found)
    assert set[int]().union(*found) <= allowed


def test_with_another_number_of_lanes_the_system_places_them() -> None:
    allowed = os.sched_getaffinity(0)
    found = cores_of_servers(len(allowed) + 1)
    assert found
    assert all(each == allowed for each in found)


def test_the_process_that_asks_keeps_its_own_cores() -> None:
    allowed = os.sched_getaffinity(0)
    with Sandbox(workers=len(allowed)) as sandbox:
        sandbox.check(CHECK)
    assert os.sched_getaffinity(0) == allowed
