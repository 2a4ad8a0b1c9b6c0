"""How a config looks to people: the list of fields for ``--help``, and what a run prints first."""

import textwrap
from collections.abc import Iterable

from sinq_jax.config.config import Config
from sinq_jax.config.schema import flatten, settings

WIDTH = 100


def help_lines(config: Config) -> list[str]:
    """Return a line or two for every field: flag, value in ``config``, meaning, unit and type."""
    values = flatten(config)
    lines = []
    for each in settings(Config):
        lines.append(f"  {each.flag}={_shown(values[each.name])}")
        unit = f" [{each.unit}]" if each.unit else ""
        text = f"{each.meaning}{unit}; {each.expected}"
        lines += textwrap.wrap(text, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)
    return lines


def summary(config: Config, file: Config) -> str:
    """Return the resolved config in one paragraph a section, for the head of a run's output.

    A value that the command line changed carries a ``*`` and the value that ``file`` had.
    """
    values, before = flatten(config), flatten(file)
    sections: dict[str, list[str]] = {}
    for each in settings(Config):
        section, _, leaf = each.name.rpartition(".")
        text = f"{leaf}={_shown(values[each.name])}"
        if values[each.name] != before[each.name]:
            text = f"*{text} (was {_shown(before[each.name])})"
        sections.setdefault(section, []).append(text)
    return "\n".join(_paragraph(name or "config", texts) for name, texts in sections.items())


def _paragraph(name: str, texts: Iterable[str]) -> str:
    return textwrap.fill(
        "  ".join(texts), WIDTH, initial_indent=f"{name:<12}", subsequent_indent=" " * 12
    )


def _shown(value: object) -> str:
    """Return a value as one types it on the command line."""
    if isinstance(value, tuple):
        return ",".join(map(_shown, value))
    return str(value) or "''"
