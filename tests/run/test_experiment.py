"""What does not fit devices, model or lengths is a mistake of one line, found before any step."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import Sandbox
from sinq_jax.config import Config, ConfigError, Mesh
from sinq_jax.experiment import assemble
from sinq_jax.preparation import Prepared, prepare
from tests.run.small import get_config


@pytest.fixture
def prepared(undisturbed: Path, sandbox: Sandbox, tmp_path: Path) -> Prepared:
    shutil.copytree(undisturbed / "data", tmp_path / "data")
    return prepare(get_config(), tmp_path, sandbox)


def short_of_room(config: Config) -> Config:
    return replace(config, rollout=replace(config.rollout, prompt_tokens=6))


def test_a_mesh_that_does_not_fit_the_devices_is_told(prepared: Prepared, sandbox: Sandbox) -> None:
    config = replace(get_config(), mesh=Mesh(fsdp=3))
    with pytest.raises(ConfigError, match=r"^--config\.mesh: expected replica x data x fsdp x "):
        assemble(config, prepared, sandbox)


def test_prompts_without_room_for_any_original_are_told(
    prepared: Prepared, sandbox: Sandbox
) -> None:
    with pytest.raises(ConfigError, match=r"^--config\.rollout\.prompt_tokens: expected room"):
        assemble(short_of_room(get_config()), prepared, sandbox)


def test_pairs_that_do_not_fit_tell_what_they_need(
    undisturbed: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed / "data", tmp_path / "data")
    with pytest.raises(ConfigError, match=r"--config\.warm_start\.pairs: .* need at least \(\d+, "):
        prepare(short_of_room(get_config()), tmp_path, sandbox)


def test_what_was_prepared_is_read_back_as_it_was(
    prepared: Prepared, sandbox: Sandbox, tmp_path: Path
) -> None:
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "data").iterdir()}
    again = prepare(get_config(), tmp_path, sandbox)
    assert again.pairs == prepared.pairs
    assert again.exam == prepared.exam
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "data").iterdir()} == files
