"""Config files: whatever is wrong with one is one line that names the file and the place in it."""

from pathlib import Path

import pytest

from sinq_jax.config import Config, ConfigError
from sinq_jax.config.files import REPOSITORY, load

HEAD = "from sinq_jax.config import Config, Model\n"


def write(folder: Path, text: str) -> str:
    path = folder / "mine.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_gives_its_config_with_numbers_in_their_own_type(tmp_path: Path) -> None:
    text = HEAD + "def get_config():\n    return Config(seed=3, model=Model(rope_theta=500))\n"
    config = load(write(tmp_path, text))
    assert config.seed == 3
    assert repr(config.model.rope_theta) == "500.0"


def test_a_relative_path_is_found_in_the_repository_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(load("configs/tiny.py"), Config)


@pytest.mark.parametrize("path", sorted((REPOSITORY / "configs").glob("*.py")), ids=str)
def test_every_config_of_the_repository_is_sound_and_explains_itself(path: Path) -> None:
    load(str(path)).check()
    docstring = path.read_text(encoding="utf-8").split('"""')[1]
    for word in ("Command:", "Hardware:", "Time:"):
        assert word in docstring, f"{path.name}: expected {word} in the docstring"


def test_a_missing_file_is_named_with_the_nearest_one_there_is() -> None:
    with pytest.raises(ConfigError, match=r"got 'configs/tini\.py'.*did you mean configs/tiny\.py"):
        load("configs/tini.py")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = (\n", r"mine\.py:1: expected Python, got a syntax error \("),
        ("x = 1\n", r"mine\.py: expected a function get_config, got none"),
        ("get_config = 3\n", r"mine\.py: expected a function get_config"),
        ("def get_config():\n    return 3\n", r"mine\.py: .*return a Config, got int"),
        ("\n1 / 0\n", r"mine\.py:2: expected a config, got ZeroDivisionError: "),
        ("import no_such_module\n", r"mine\.py:1: .*ModuleNotFoundError: "),
        ("raise SystemExit(7)\n", r"mine\.py:1: .*SystemExit: 7"),
        (HEAD + "def get_config():\n    return Config(sed=1)\n", r"mine\.py:3: .*'sed'"),
        (HEAD + "def get_config():\n    return Config(model=3)\n", r"mine\.py: expected a config"),
        (
            HEAD + "def get_config():\n    return Config(seed='3')\n",
            r"mine\.py, --config\.seed: expected a whole number, .*, got '3'",
        ),
    ],
)
def test_a_broken_file_is_told_in_one_line(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(ConfigError, match=line) as caught:
        load(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_syntax_error_in_an_imported_file_names_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_neighbour.py").write_text("\n\ndef (\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigError, match=r"broken_neighbour\.py:3: "):
        load(write(tmp_path, "import broken_neighbour\n"))


def test_a_file_that_is_not_python_by_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(HEAD, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"expected a file named \*\.py"):
        load(str(path))
