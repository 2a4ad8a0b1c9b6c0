"""Claims about hosts: all are given the same, and none waits for one that is gone."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping

import pytest

from sinq_jax.config.files import REPOSITORY
from tests.hosts.company import Ended, all_ended, ended, free_address
from tests.hosts.talk import BIG

ADVICE = "; the same command goes on from the last checkpoint"


def start(place: str, ending: str, env: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.hosts.talk", place, ending],
        cwd=REPOSITORY,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def talking(*endings: str) -> list[Ended]:
    address = free_address()
    processes = [
        start(f"{address},{len(endings)},{number}", ending, {})
        for number, ending in enumerate(endings)
    ]
    return all_ended(processes)


def test_every_host_is_given_what_all_have_in_order() -> None:
    hosts = talking("end", "end", "end")
    assert [host.status for host in hosts] == [0, 0, 0]
    assert {host.err for host in hosts[1:]} == {""}
    assert hosts[0].out.splitlines() == [
        *(f"[{turn}, 0] [{turn}, 1] [{turn}, 2]" for turn in range(3)),
        f"{BIG} {BIG} {BIG} 0 1 2",
        "told by 0",
        "None 15",
    ]
    assert len({host.out for host in hosts}) == 1


@pytest.mark.parametrize("dead", [0, 1])
def test_a_host_that_is_killed_ends_the_others_at_once_with_one_line(dead: int) -> None:
    endings = ["work", "work"]
    endings[dead] = "die"
    began = time.monotonic()
    hosts = talking(*endings)
    assert hosts[dead].status == -9
    survivor = hosts[1 - dead]
    assert survivor.status == 1
    assert survivor.said[-1] == f"host {dead} of 2 is gone: its process ended{ADVICE}"
    assert "Traceback" not in survivor.err
    assert time.monotonic() - began < 30  # not the 100 seconds of work


ENDS = {
    "fail": (1, 1, "something nobody thought of" + ADVICE),
    "refuse": (2, 2, "--config.x: expected this, got that; change it"),
    "insist": (143, 143, "SIGTERM" + ADVICE),
}


@pytest.mark.parametrize(("ending", "told"), ENDS.items(), ids=ENDS)
def test_a_host_that_has_to_end_tells_the_others_why(
    ending: str, told: tuple[int, int, str]
) -> None:
    own, theirs, why = told
    leaver, other = talking(ending, "work")
    assert (leaver.status, other.status) == (own, theirs)
    assert other.said == [f"host 0 of 2 is gone: {why}"]


def test_hosts_that_are_not_in_step_say_so_and_end() -> None:
    hosts = talking("end", "mistake_the_turn")
    assert [host.status for host in hosts] == [1, 1]
    for host in hosts:
        assert host.said[-1].startswith("hosts are out of step, at parting, saving; ")


def test_places_that_do_not_fit_together_are_refused_in_one_line() -> None:
    address = free_address()
    first = start(f"{address},2,0", "end", {})
    assert first.stderr
    assert first.stderr.readline() == f"waiting at {address} for 2 hosts\n"
    three, again = all_ended([start(f"{address},{rest}", "end", {}) for rest in ("3,2", "2,0")])
    assert (three.status, again.status) == (2, 2)
    assert three.said == ["host 2: expected --processes=2, as the first host has it, got 3"]
    assert again.said[-1].startswith(
        f"--coordinator: expected a free port of this machine, got {address} ("
    )
    second = start(f"{address},2,1", "end", {})
    assert [each.status for each in all_ended([first, second])] == [0, 0]


def test_a_slurm_job_says_where_each_process_belongs() -> None:
    job = int(free_address().split(":")[1])
    slurm = {"SLURM_JOB_ID": str(job), "SLURM_STEP_NODELIST": "127.0.0.1", "SLURM_NTASKS": "2"}
    processes = [
        start("auto", "end", {**slurm, "SLURM_PROCID": number, "SLURM_LOCALID": number})
        for number in ("0", "1")
    ]
    hosts = all_ended(processes)
    assert [host.status for host in hosts] == [0, 0]
    assert hosts[0].out.splitlines()[0] == "[0, 0] [0, 1]"


def test_without_a_pod_or_a_job_the_flags_are_asked_for() -> None:
    host = ended(start("auto", "end", {}))
    assert host.status == 2
    assert host.said == [
        "--processes: expected a TPU pod or a Slurm job around this process, got neither; give "
        "--coordinator, --processes=N and --process"
    ]
