"""Single values of a Hugging Face ``config.json``, and what is said when one is not right."""

import json
from collections.abc import Collection, Mapping
from typing import Any

Config = Mapping[str, Any]


class FamilyError(ValueError):
    """A model that is none of the families, or has an option that they are not built with. The
    message is one line: where, what was expected, what was there, what to do.
    """


def size(config: Config, key: str) -> int:
    """A whole number from 1 on."""
    value = config.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise FamilyError(
            f"config.json: expected {key} to be a whole number from 1 on, got "
            f"{shown(config, key)}; copy the file from the model's own directory"
        )
    return value


def number(config: Config, key: str) -> float:
    """A number above 0."""
    value = config.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise FamilyError(
            f"config.json: expected {key} to be a number above 0, got {shown(config, key)}; "
            "copy the file from the model's own directory"
        )
    return float(value)


def optional_number(config: Config, key: str) -> float | None:
    """A number above 0, or None where the key is absent or null."""
    return None if config.get(key) is None else number(config, key)


def one_of(config: Config, key: str, built: Collection[Any]) -> Any:
    """A value that the model is built for."""
    value = config.get(key)
    if value not in built:
        choices = " or ".join("absent" if each is None else json.dumps(each) for each in built)
        raise FamilyError(
            f"config.json: expected {key} to be {choices}, got {shown(config, key)}; "
            "models with that option are not supported: choose another one"
        )
    return value


def shown(config: Config, key: str) -> str:
    """A value for a message, as it stands in the file."""
    return json.dumps(config[key]) if key in config else "no such key"
