"""What the files beside a published tokenizer say of it.

``tokenizer_config.json`` and ``special_tokens_map.json`` name the special tokens,
``generation_config.json`` (or else ``config.json``) lists the ids that end a text, and
``chat_template.jinja`` (or else ``tokenizer_config.json``) holds the chat template.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sinq_jax.tokenizers.face import TokenizerError

FILES = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "generation_config.json",
    "chat_template.jinja",
)
"""All that makes a published tokenizer."""


@dataclass(frozen=True)
class Declared:
    """``named`` has the texts of special tokens by name (``bos_token``), ``special`` the texts of
    all of them, ``added`` the ids of tokens that the vocabulary itself may lack; ``stops`` the ids
    that end a text. ``adds_bos``, ``legacy`` and ``prefix_space`` are None where nothing is said.
    """

    named: Mapping[str, str]
    special: frozenset[str]
    added: Mapping[str, int]
    stops: tuple[int, ...]
    adds_bos: bool | None
    legacy: bool | None
    prefix_space: bool | None
    chat_template: str | None


def read_declared(directory: Path) -> Declared:
    """Raises ``TokenizerError`` for a file that is not what it should be; all of them may be
    missing.
    """
    config = _object(directory / "tokenizer_config.json")
    listed = _object(directory / "added_tokens.json")
    try:
        return _declared(directory, config, listed)
    except (AttributeError, LookupError, TypeError) as error:
        raise TokenizerError(
            f"{directory / 'tokenizer_config.json'}: expected a config as it is published, got "
            f"{type(error).__name__}: {error}; copy the file again"
        ) from error


def _declared(directory: Path, config: dict[str, Any], listed: dict[str, Any]) -> Declared:
    named = _named(config, _object(directory / "special_tokens_map.json"))
    added = config.get("added_tokens_decoder") or {}
    special = {*named.values(), *_more_special(config)}
    special |= {_text(entry) for entry in added.values() if entry.get("special")}
    # The older file lists tokens without their properties; those were special.
    return Declared(
        named=named,
        special=frozenset({*special, *(() if added else listed)}),
        added={**listed, **{_text(entry): int(token) for token, entry in added.items()}},
        stops=_stops(directory),
        adds_bos=_adds_bos(config),
        legacy=config.get("legacy"),
        prefix_space=config.get("add_prefix_space"),
        chat_template=_chat_template(directory, config),
    )


def _object(path: Path) -> dict[str, Any]:
    """The object in a file, empty when there is no file."""
    if not path.exists():
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _not_an_object(path, error) from error
    if not isinstance(read, dict):
        raise _not_an_object(path, type(read).__name__)
    return read


def _not_an_object(path: Path, got: object) -> TokenizerError:
    return TokenizerError(f"{path}: expected a JSON object, got {got}; copy the file again")


def _text(entry: Any) -> str:
    """The text of a token that is written as itself or as an object with its properties."""
    return str(entry["content"] if isinstance(entry, dict) else entry)


def _named(*sources: Mapping[str, Any]) -> dict[str, str]:
    """Texts by name, also by the names that one family has (CodeLlama's ``prefix_token``); the
    first source that has a name wins.
    """
    return {
        key: _text(entry)
        for source in reversed(sources)
        for key, entry in source.items()
        if key.endswith("_token") and isinstance(entry, str | dict)
    }


def _more_special(config: Mapping[str, Any]) -> Iterable[str]:
    for key in ("additional_special_tokens", "extra_special_tokens"):
        more = config.get(key) or ()
        yield from map(_text, more.values() if isinstance(more, dict) else more)


def _adds_bos(config: Mapping[str, Any]) -> bool | None:
    """Saying only whether eos is added says that bos is not."""
    if "add_bos_token" in config or "add_eos_token" in config:
        return bool(config.get("add_bos_token"))
    return None


def _stops(directory: Path) -> tuple[int, ...]:
    path = directory / "generation_config.json"
    path = path if path.exists() else directory / "config.json"
    value = _object(path).get("eos_token_id")
    ids = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(token, int) for token in ids):
        raise TokenizerError(
            f"{path}: expected eos_token_id to be an id or a list of ids, got {value!r}; correct it"
        )
    return tuple(ids)


def _chat_template(directory: Path, config: Mapping[str, Any]) -> str | None:
    """The template's own file wins; of several named ones it is the default."""
    path = directory / "chat_template.jinja"
    if path.exists():
        return path.read_text(encoding="utf-8", errors="replace")
    template = config.get("chat_template")
    if template is None or isinstance(template, str):
        return template
    named = {each["name"]: str(each["template"]) for each in template}
    if "default" not in named:
        raise TokenizerError(
            f"{directory / 'tokenizer_config.json'}: expected a chat template named default, got "
            f"{', '.join(named) or 'none'}; name one default"
        )
    return named["default"]
