"""Workdirs: one run at a time, one config for ever, and config.json tells where it ran."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sinq_jax.config import Checkpoint, Config, ConfigError, Mesh, Rollout, Sandbox
from sinq_jax.config.files import REPOSITORY
from sinq_jax.config.schema import build, unnest
from sinq_jax.config.workdir import Workdir, surroundings

DEVICES = ["cpu:0"]


def record(path: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((path / "config.json").read_text(encoding="utf-8"))
    return loaded


def test_a_fresh_workdir_gets_the_config_and_where_it_ran(tmp_path: Path) -> None:
    config = Config(seed=7, rollout=Rollout(temperature=0.1))
    with Workdir(tmp_path / "a" / "b") as workdir:
        assert workdir.bind(config, DEVICES) == ()
        written = workdir.read()
    assert written is not None
    assert build(Config, unnest(written["config"])) == config
    assert written["devices"] == DEVICES
    assert written["packages"]["jax"]
    assert {"python", "system", "git", "resumed"} <= written.keys()


def test_the_same_config_resumes_and_leaves_the_record_as_it_was(tmp_path: Path) -> None:
    with Workdir(tmp_path) as workdir:
        workdir.bind(Config(), DEVICES)
    before = (tmp_path / "config.json").read_bytes()
    with Workdir(tmp_path) as workdir:
        assert workdir.bind(Config(), DEVICES) == ()
    assert (tmp_path / "config.json").read_bytes() == before
    assert record(tmp_path)["resumed"] == []


def test_another_config_is_refused_with_every_differing_key_and_both_values(
    tmp_path: Path,
) -> None:
    with Workdir(tmp_path) as workdir:
        workdir.bind(Config(), DEVICES)
        other = Config(seed=1, rollout=Rollout(temperature=0.7))
        with pytest.raises(ConfigError, match="began with") as caught:
            workdir.bind(other, DEVICES)
    line = str(caught.value)
    assert "seed 0 -> 1; rollout.temperature 1.0 -> 0.7" in line
    assert "\n" not in line
    assert record(tmp_path)["config"]["seed"] == 0  # type: ignore[index]


def test_a_setting_that_one_side_does_not_know_is_a_difference(tmp_path: Path) -> None:
    with Workdir(tmp_path) as workdir:
        workdir.bind(Config(), DEVICES)
        old = record(tmp_path)
        old["config"]["rollout"]["min_p"] = 0.1  # type: ignore[index]
        (tmp_path / "config.json").write_text(json.dumps(old), encoding="utf-8")
        with pytest.raises(ConfigError, match=r"rollout\.min_p 0\.1 -> 'unset'"):
            workdir.bind(Config(), DEVICES)


def test_a_setting_that_is_younger_than_the_run_counts_as_its_default(tmp_path: Path) -> None:
    with Workdir(tmp_path) as workdir:
        workdir.bind(Config(), DEVICES)
        old = record(tmp_path)
        del old["config"]["rollout"]["top_k"], old["config"]["variety"]  # type: ignore[index]
        (tmp_path / "config.json").write_text(json.dumps(old), encoding="utf-8")
        with pytest.raises(ConfigError, match="top_k 0 -> 5; give"):
            workdir.bind(Config(rollout=Rollout(top_k=5)), DEVICES)
        assert workdir.bind(Config(), DEVICES) == ()


def test_settings_without_influence_on_results_may_change(tmp_path: Path) -> None:
    other = Config(sandbox=Sandbox(workers=3), checkpoint=Checkpoint(every_rounds=1, keep=5))
    with Workdir(tmp_path) as workdir:
        workdir.bind(Config(), DEVICES)
        assert workdir.bind(other, DEVICES) == ()
        written = workdir.read()
    assert written is not None
    assert build(Config, unnest(written["config"])) == other


def test_another_mesh_is_noted_because_it_moves_last_bits(tmp_path: Path) -> None:
    with Workdir(tmp_path) as workdir:
        workdir.bind(Config(), DEVICES)
        other = Config(mesh=Mesh(fsdp=2), rollout=Rollout(fsdp=1))
        first, second = workdir.bind(other, DEVICES)
        assert workdir.bind(other, DEVICES) == ()
    assert first == "resumed with mesh.fsdp 1 -> 2; results may differ in the last bits"
    assert second == "resumed with rollout.fsdp 0 -> 1; results may differ in the last bits"


def test_of_several_processes_one_holds_the_workdir(tmp_path: Path) -> None:
    with Workdir(tmp_path / "run"), Workdir(tmp_path / "run", hold=False):
        assert (tmp_path / "run" / ".lock").exists()
    with Workdir(tmp_path / "other", hold=False):
        assert not (tmp_path / "other").exists()


def test_another_surrounding_is_noted_once_and_the_first_is_kept(tmp_path: Path) -> None:
    with Workdir(tmp_path) as workdir:
        workdir.bind(Config(), DEVICES)
        notes = workdir.bind(Config(), ["cpu:0", "cpu:1"])
        assert workdir.bind(Config(), ["cpu:0", "cpu:1"]) == ()
    assert len(notes) == 1
    assert "devices" in notes[0]
    assert record(tmp_path)["devices"] == DEVICES
    assert [each["devices"] for each in record(tmp_path)["resumed"]] == [["cpu:0", "cpu:1"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"config": 3}', "\x00"])
def test_a_broken_record_is_refused_not_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with (
        Workdir(tmp_path) as workdir,
        pytest.raises(ConfigError, match=r"config\.json: expected what a run writes there"),
    ):
        workdir.bind(Config(), DEVICES)
    assert (tmp_path / "config.json").read_text(encoding="utf-8") == text


def test_results_without_their_config_are_not_taken_for_a_fresh_workdir(tmp_path: Path) -> None:
    (tmp_path / "games.sqlite").write_bytes(b"")
    with (
        Workdir(tmp_path) as workdir,
        pytest.raises(ConfigError, match=r"beside games\.sqlite"),
    ):
        workdir.bind(Config(), DEVICES)


def test_a_log_of_the_caller_does_not_make_a_workdir_unfit(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("hello", encoding="utf-8")
    with Workdir(tmp_path) as workdir:
        assert workdir.bind(Config(), DEVICES) == ()


def test_a_path_that_cannot_be_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=r"^--workdir: expected a directory to write to, got"):
            Workdir(path)


def test_a_full_disk_is_told_in_one_line_and_nothing_is_lost(tmp_path: Path) -> None:
    with Workdir(tmp_path) as workdir:
        workdir.bind(Config(), DEVICES)
        (tmp_path / "config.json.new").symlink_to("/dev/full")
        with pytest.raises(ConfigError, match="No space left on device; make room"):
            workdir.bind(replace(Config(), sandbox=Sandbox(workers=2)), DEVICES)
        assert workdir.read() is not None


def test_two_runs_cannot_hold_one_workdir(tmp_path: Path) -> None:
    with Workdir(tmp_path), pytest.raises(ConfigError, match="another run holds"):
        Workdir(tmp_path)
    with Workdir(tmp_path):
        pass


def test_a_killed_run_leaves_its_workdir_free(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal, sys\n"
        "from sinq_jax.config.workdir import Workdir\n"
        "held = Workdir(pathlib.Path(sys.argv[1]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == -9
    with Workdir(tmp_path):
        pass


def test_the_revision_of_this_code_is_known_where_git_is() -> None:
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    expected = head.stdout.strip() if head.returncode == 0 else None
    revision = surroundings(DEVICES)["git"]
    assert (revision or "").removesuffix("-dirty") == (expected or "")
