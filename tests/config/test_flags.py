"""The command line: overrides reach the config, mistakes are one line, --help knows everything."""

from pathlib import Path

import pytest

import run
from sinq_jax.config import Config, ConfigError
from sinq_jax.config.display import summary
from sinq_jax.config.flags import JOBS, parse
from sinq_jax.config.schema import settings


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(
        "from sinq_jax.config import Config, Rollout\n"
        "def get_config() -> Config:\n"
        "    return Config(name='mine', rollout=Rollout(top_k=5))\n",
        encoding="utf-8",
    )
    return f"--config={path}"


def test_overrides_win_over_the_file_and_the_file_over_the_defaults(file: str) -> None:
    request = parse([file, "--config.rollout.temperature=0.7", "--config.seed", "4"])
    assert request.config.rollout.temperature == 0.7
    assert request.config.rollout.top_k == 5
    assert request.config.seed == 4
    assert request.file.seed == 0


@pytest.mark.parametrize("words", [["--config.play=False"], ["--noconfig.play"]])
def test_a_switch_can_be_turned_off_in_both_usual_ways(file: str, words: list[str]) -> None:
    assert parse([file, *words]).config.play is False


def test_the_job_is_selfplay_and_the_workdir_bears_the_name_of_the_config(file: str) -> None:
    request = parse([file])
    assert request.job == "selfplay"
    assert request.workdir == Path("runs/mine")
    assert parse([file, "--workdir=a/b"]).workdir == Path("a/b")


def test_every_job_that_can_be_asked_for_can_be_done() -> None:
    assert tuple(run.JOBS) == JOBS


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--config.rollot.temperature=1"], r"did you mean --config\.rollout\.temperature\?"),
        (["--config.rollout={}"], r"^--config\.rollout: expected one field of this section"),
        (["--config.opt={}"], r"^--config\.opt: expected a field of the config"),
        (["--config.seed=x"], r"^--config\.seed: expected a whole number, .*, got 'x'; "),
        (["--config.seed"], r"expected --flag=value, got: Missing value"),
        (["--config.play=maybe"], r"^--config\.play: expected True or False, got 'maybe'"),
        (["--noconfig.play=1"], r"expected --flag=value, got: "),
        (["--workdr=x"], r"^--workdr: .*did you mean --workdir\?"),
        (["--job=exprot"], r"^--job: expected selfplay or .*, got 'exprot'; "),
        (["extra"], r"expected only flags, got 'extra'"),
        (["--flagfile=/no/such/file"], r"expected --flag=value, got: "),
        (["--config.model.heads=3"], r"^--config\.model\.heads: expected a multiple"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(file: str, words: list[str], line: str) -> None:
    with pytest.raises(ConfigError, match=line) as caught:
        parse([file, *words])
    assert "\n" not in str(caught.value)


def test_a_config_file_is_asked_for_where_none_is_given() -> None:
    with pytest.raises(ConfigError, match=r"^--config: expected a config file, got none; add "):
        parse([])


def test_rules_are_checked_after_all_overrides(file: str) -> None:
    words = ["--config.model.heads=3", "--config.model.kv_heads=3"]
    assert parse([file, *words]).config.model.heads == 3


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_lists_every_field_with_the_files_value_and_unit(
    file: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse([file, word])
    shown = capsys.readouterr().out
    assert caught.value.code == 0
    assert "--config.rollout.top_k=5\n" in shown
    for each in settings(Config):
        assert f"{each.flag}=" in shown
        assert not each.unit or f"[{each.unit}]" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 100


def test_help_needs_no_config_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert "usage: python run.py" in capsys.readouterr().out


def test_the_summary_marks_what_the_command_line_changed(file: str) -> None:
    request = parse([file, "--config.rollout.temperature=0.7"])
    shown = summary(request.config, request.file)
    assert "*temperature=0.7 (was 1.0)" in shown
    assert "  top_k=5" in shown
    assert shown.count("*") == 1
