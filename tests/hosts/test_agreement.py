"""Claims about what hosts must have alike before they begin."""

from dataclasses import replace
from pathlib import Path

import pytest

from sinq_jax.config import Config, ConfigError, Mesh, Sandbox
from sinq_jax.hosts import Hosts, agreement
from sinq_jax.hosts.agreement import expect_same_command, expect_same_data, expect_same_workdir
from tests.hosts.together import together


def told(work, *configs: object) -> list[str]:
    """What each host is told; empty where nothing is wrong."""

    def one(host: Hosts) -> str:
        try:
            work(host, configs[host.number])
        except ConfigError as error:
            return str(error)
        return ""

    return together(len(configs), one)


def test_hosts_of_one_command_go_on_whatever_their_machines_are() -> None:
    other = replace(Config(), sandbox=Sandbox(workers=7, require=("seccomp",)))
    assert told(expect_same_command, Config(), other, Config()) == ["", "", ""]


def test_another_setting_is_named_on_all_hosts() -> None:
    """A mesh too, which one process may change when it goes on."""
    other = replace(Config(), seed=5, mesh=Mesh(fsdp=2))
    line = (
        "host 2: expected the command and the code of host 0, got seed 0 -> 5; "
        "mesh.fsdp 1 -> 2; start all hosts alike"
    )
    assert told(expect_same_command, Config(), Config(), other) == [line] * 3


def test_a_workdir_that_only_the_first_host_sees_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "APPEARS_S", 0.5)
    shared, other = tmp_path / "shared", tmp_path / "other"
    for folder in (shared, other):
        folder.mkdir()
    (shared / "config.json").write_text("{}")
    first, second, third = told(expect_same_workdir, shared, shared, other)
    assert (first, second) == ("", "")
    assert third == (
        f"--workdir: expected the directory that host 0 writes to, got {str(other)!r} without its "
        "config.json; host 2 needs one that all hosts share"
    )


def test_other_data_of_a_benchmark_is_named_on_all_hosts() -> None:
    mine, other = {"cruxeval": "a", "humaneval": "b"}, {"cruxeval": "c"}
    assert told(expect_same_data, mine, dict(mine)) == ["", ""]
    line = (
        "--config.suites.data: expected host 2 to have the data of host 0, got other data, or none,"
        " of cruxeval, humaneval; give all hosts the same files"
    )
    assert told(expect_same_data, mine, mine, other) == [line] * 3
