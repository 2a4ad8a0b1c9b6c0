"""Reading a config file: a Python file with ``def get_config() -> Config``."""

import importlib.util
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sinq_jax.config.config import Config
from sinq_jax.config.schema import ConfigError, build, closest, flatten

REPOSITORY = Path(__file__).resolve().parents[2]


def load(path: str) -> Config:
    """Return the config that the file at ``path`` describes, every value checked by itself.

    A relative path is looked up in the current directory, then in the repository. Raises
    ConfigError, whose line names the file and the line in it, for whatever is wrong with the file.
    """
    found = _find(path)
    with _blaming(found, path):
        config = _get_config(found, path)()
        if type(config) is not Config:
            raise ConfigError(
                f"{path}: expected get_config() to return a Config, got {type(config).__name__}; "
                "end it with `return Config(...)`"
            )
        flat = flatten(config)
    try:
        return build(Config, flat)
    except ConfigError as error:
        raise ConfigError(*(f"{path}, {problem}" for problem in error.problems)) from None


def _find(path: str) -> Path:
    for candidate in (Path(path), REPOSITORY / path):
        if candidate.is_file():
            return candidate
    known = sorted(f"configs/{each.name}" for each in (REPOSITORY / "configs").glob("*.py"))
    hint = closest(path, known)
    advice = f"did you mean {hint}?" if hint else f"there are: {', '.join(known)}"
    raise ConfigError(f"--config: expected a config file, got {path!r}, which is none; {advice}")


def _get_config(found: Path, path: str) -> Callable[[], Any]:
    spec = importlib.util.spec_from_file_location(f"config_file_{found.stem}", found)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: expected a file named *.py, got another name; rename it")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    get_config: Callable[[], Any] | None = getattr(module, "get_config", None)
    if not callable(get_config):
        raise ConfigError(
            f"{path}: expected a function get_config, got none; "
            "define `def get_config() -> Config:` in it"
        )
    return get_config


@contextmanager
def _blaming(found: Path, path: str) -> Iterator[None]:
    """Turn any mistake of the config file into one line that names the place in the file."""
    try:
        yield
    except (ConfigError, KeyboardInterrupt):
        raise
    except SyntaxError as error:
        where = path if error.filename == str(found) else error.filename
        raise ConfigError(
            f"{where}:{error.lineno}: expected Python, got a syntax error ({error.msg}); correct it"
        ) from None
    except BaseException as error:
        steps = traceback.extract_tb(error.__traceback__)
        lines = [step.lineno for step in steps if step.filename == str(found)]
        where = f"{path}:{lines[-1]}" if lines else path
        raise ConfigError(
            f"{where}: expected a config, got {type(error).__name__}: {error}; correct the file"
        ) from error
