"""Claims about whole runs on several hosts: they are the run of one, and outlive their hosts."""

import shutil
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from sinq_jax.config import Mesh
from sinq_jax.game.store import GameStore
from sinq_jax.league.snapshots import numbers
from sinq_jax.metrics import deterministic_view
from sinq_jax.same import differences
from sinq_jax.trained import open_run, run_config
from tests.hosts.company import Company, Doomed, Ended
from tests.hosts.test_talking import ADVICE

Ends = list[Ended]
SPLIT = ("--config.mesh.fsdp=4", "--config.rollout.fsdp=1")
"""Each of two hosts with two devices holds half of every weight, but while it samples."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module")
def undisturbed(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workdir of one process with four devices, which talk as those of several would: what
    talks in another way adds in another order.
    """
    workdir = tmp_path_factory.mktemp("runs") / "one"
    (only,) = company(workdir, 1, 4, *SPLIT)
    assert only.status == 0, only.err
    return workdir


@pytest.fixture(scope="module")
def lives(company: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Ends]]:
    """The workdir of a run of two hosts, and how both ended each time: when the second got a
    signal, when it was killed, and when the first was killed in the second round.
    """
    workdir = tmp_path_factory.mktemp("runs") / "two"
    dooms = (
        Doomed(1, "warm start", 5, "SIGTERM"),
        Doomed(1, "warm start", 4),
        Doomed(0, "training", 19),
    )
    return workdir, [company(workdir, 2, 2, *SPLIT, doomed=each) for each in dooms]


def test_a_signal_to_one_host_stops_all_after_saving(lives: tuple[Path, list[Ends]]) -> None:
    first, second = lives[1][0]
    assert [first.status, second.status] == [143, 143]
    assert first.said[-1] == "stopped after warm-start step 8; the same command goes on from here"
    assert "resuming after round 0, step 8" in lives[1][1][0].err


def test_when_a_host_is_killed_the_other_ends_with_one_line(lives: tuple[Path, list[Ends]]) -> None:
    for dead, ends in zip((1, 0), lives[1][1:], strict=True):
        assert ends[dead].status == -9
        survivor = ends[1 - dead]
        assert survivor.status == 1
        assert survivor.said[-1] == f"host {dead} of 2 is gone: its process ended{ADVICE}"
        assert "Traceback" not in survivor.err


def test_two_hosts_that_were_killed_and_went_on_end_with_the_bits_of_one(
    company: Company, undisturbed: Path, lives: tuple[Path, list[Ends]], tmp_path: Path
) -> None:
    """Configs, prepared data, checkpoints, past players, metrics without times, what is kept of
    benchmarks, and games: some of today's players alone, some with each of the past ones.
    """
    workdir = shutil.copytree(lives[0], tmp_path / "run")
    first, second = company(workdir, 2, 2, *SPLIT)
    assert [first.status, second.status] == [0, 0], first.err + second.err
    assert list(differences(undisturbed, workdir)) == []
    assert "resuming after round 1" in first.err
    assert second.err == ""
    assert numbers(workdir) == [0, 1]
    kept = [benchmark_records(each) for each in (undisturbed, workdir)]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 3 * 3
    with GameStore(workdir / "games.sqlite", readonly=True) as store:
        told, games = store.metadata(1), list(store.games(1))
    met = [set(told[name]["games"]) for name in ("past_generator", "past_evaluator")]
    for places in (*met, {*range(len(games))} - met[0] - met[1]):
        assert any(games[place].answers for place in places)


def test_one_process_with_eight_devices_and_another_mesh_goes_on_where_two_hosts_ended(
    company: Company, undisturbed: Path, lives: tuple[Path, list[Ends]], tmp_path: Path
) -> None:
    """The same games. Eight devices add gradients in another order than four, and AdamW divides
    what is left of one by its own size: parameters of order 0.1 moved by 1e-6 in four updates.
    """
    workdir = shutil.copytree(lives[0], tmp_path / "run")
    ended = company.alone(workdir, 8, "--config.mesh.fsdp=2")
    assert ended.status == 0, ended.err
    assert "resumed with mesh.fsdp 4 -> 2; results may differ in the last bits" in ended.said
    with (
        GameStore(undisturbed / "games.sqlite", readonly=True) as before,
        GameStore(workdir / "games.sqlite", readonly=True) as after,
    ):
        assert after.content_digest() == before.content_digest()
    apart = jax.tree.map(
        lambda one, two: np.abs(one - two).max(), *map(params, (undisturbed, workdir))
    )
    assert max(jax.tree.leaves(apart)) < 1e-5
    for one, two in zip(*map(deterministic_view, (undisturbed, workdir)), strict=True):
        assert one.keys() == two.keys()
        for name, value in one.items():
            assert value is two[name] or value == pytest.approx(two[name], rel=1e-4, abs=1e-5), name


def test_two_hosts_measure_a_checkpoint_as_the_run_of_one_did(
    company: Company, undisturbed: Path, tmp_path: Path
) -> None:
    workdir = shutil.copytree(undisturbed, tmp_path / "run")
    shutil.rmtree(workdir / "benchmarks")
    asked = ("--job=benchmark", "--benchmark=cruxeval_output,defect_likelihood,sinq")
    first, second = company(workdir, 2, 2, *SPLIT, *asked)
    assert [first.status, second.status] == [0, 0], first.err + second.err
    assert second.err == ""
    assert "|" not in second.out
    assert "| defect_likelihood | accuracy |" in first.out
    during = benchmark_records(undisturbed)
    last = {name: kept for name, kept in during.items() if name.startswith("round-000002")}
    assert len(last) == 3
    assert benchmark_records(workdir) == last


def benchmark_records(workdir: Path) -> dict[str, bytes]:
    """What a run keeps of every item of every benchmark, by file."""
    folder = workdir / "benchmarks"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.glob("round-*/*.jsonl")}


def params(workdir: Path) -> dict:
    """The players' weights at the end of a run, on one device."""
    config = run_config(workdir)
    config = replace(config, mesh=Mesh(), rollout=replace(config.rollout, fsdp=0))
    return jax.device_get(open_run(workdir, config).players["shared"].params)


def test_hosts_that_could_not_go_in_step_are_told_before_they_try(
    company: Company, tmp_path: Path
) -> None:
    """Each tells it itself, or tells what the other told."""
    hosts = company(tmp_path / "run", 2, 1, last="--config.seed=5")
    assert [host.status for host in hosts] == [2, 2]
    for host in hosts:
        assert "host 1: expected the command and the code of host 0, got seed 0 -> 5; " in host.err
        assert "Traceback" not in host.err


def test_batches_that_the_devices_do_not_divide_are_told_before_the_first_step(
    company: Company, tmp_path: Path
) -> None:
    ended = company.alone(tmp_path / "run", 3, "--config.learning.evaluator_groups=9")
    assert ended.status == 2
    assert ended.said[-1].startswith(
        "--config.learning.evaluator_batch: expected a multiple of 3, the ways in which the mesh "
        "splits a batch, got 8; change it or --config.mesh (also wrong: "
    )
    assert "evaluator_groups" not in ended.said[-1]
