"""The README is true: its commands are the ones that are run, its tree is the code's."""

import re
from pathlib import Path

from sinq_jax.config import Config
from sinq_jax.config.schema import settings
from tests.tree import replaced

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Return the lines of the README's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_second_command_is_what_the_checks_run() -> None:
    checks = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert commands()[1] == checks[-1]


def test_the_tree_has_every_file_of_the_code() -> None:
    assert replaced(README) == README, "run python -m tests.tree"


def test_every_field_that_the_readme_sets_exists() -> None:
    named = set(re.findall(r"--config\.([a-z_.]+)=", README))
    assert named
    assert named <= {each.name for each in settings(Config)}


def test_every_file_that_the_readme_points_at_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    missing = [link for link in links if not (ROOT / link).exists()]
    assert not missing
