"""What a field of a config is, and how its value is read, checked, flattened and rebuilt.

A config is a frozen dataclass whose fields are settings or sections (frozen dataclasses again).
Everything here works on the flat view of it: dotted names such as ``rollout.temperature``.
"""

import dataclasses
import difflib
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sinq_jax.config import hints
from sinq_jax.errors import SinqError

T = TypeVar("T")


class ConfigError(SinqError):
    """A mistake in flags, in a config or in a workdir; its text is one line for people.

    ``problems`` holds every line found, each ``where: expected X, got Y; what to do``.
    """

    def __init__(self, *problems: str) -> None:
        """Keep all problems; the text is the first, with the places of the others behind it."""
        self.problems = tuple(problem.replace("\n", " ") for problem in problems)
        more = ", ".join(problem.split(": ")[0] for problem in self.problems[1:])
        super().__init__(self.problems[0] + (f" (also wrong: {more})" if more else ""))


def setting(
    default: T,
    meaning: str,
    unit: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    free: bool = False,
) -> T:
    """Return a dataclass field that carries all that is known of one setting.

    ``meaning`` and ``unit`` are for ``--help``; ``low`` and ``high`` are inclusive bounds,
    ``above`` is an exclusive one. ``free`` says that the value has no influence on results, so
    that a run may be resumed under another one.
    """
    notes = {
        "meaning": meaning,
        "unit": unit,
        "low": low,
        "high": high,
        "above": above,
        "free": free,
    }
    return dataclasses.field(default=default, metadata=notes)


@dataclass(frozen=True)
class Setting:
    """One field of a config in the flat view: ``name`` is dotted, ``type`` is its annotation."""

    name: str
    type: Any
    meaning: str
    unit: str
    low: float | None
    high: float | None
    above: float | None
    free: bool

    @property
    def flag(self) -> str:
        """The name on the command line, also the ``where`` of an error."""
        return f"--config.{self.name}"

    @property
    def expected(self) -> str:
        """What a value must be, in words: ``a whole number, at least 1``."""
        bounds = {"above": self.above, "at least": self.low, "at most": self.high}
        words = [f"{word} {bound}" for word, bound in bounds.items() if bound is not None]
        return ", ".join([hints.words_for(self.type), *([" and ".join(words)] if words else [])])

    def read(self, text: str) -> object:
        """Return the value that ``text`` of the command line stands for; raise ConfigError."""
        try:
            return self.accept(hints.read(self.type, text))
        except ValueError:
            raise self._refusal(text) from None

    def accept(self, value: object) -> object:
        """Return ``value`` in the field's own type (an int becomes a float where one is wanted).

        Raises ConfigError when the type is another one or a bound is broken.
        """
        try:
            value = hints.accept(self.type, value)
        except (ValueError, OverflowError):
            raise self._refusal(value) from None
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int | float) and not self._within(number):
                raise self._refusal(value)
        return value

    def _within(self, number: float) -> bool:
        return (
            (self.low is None or number >= self.low)
            and (self.high is None or number <= self.high)
            and (self.above is None or number > self.above)
        )

    def _refusal(self, value: object) -> ConfigError:
        return ConfigError(
            f"{self.flag}: expected {self.expected}, got {value!r}; correct it ({self.meaning})"
        )


def settings(schema: type) -> tuple[Setting, ...]:
    """Return every setting of a config class, sections flattened, in the order of definition."""
    return tuple(_settings(schema, prefix=""))


def _settings(schema: type, prefix: str) -> Iterator[Setting]:
    annotations = typing.get_type_hints(schema)
    for field in dataclasses.fields(schema):
        hint, name = annotations[field.name], prefix + field.name
        if dataclasses.is_dataclass(hint):
            yield from _settings(cast(type, hint), prefix=f"{name}.")
        else:
            yield Setting(name=name, type=hint, **field.metadata)


def flatten(config: object) -> dict[str, object]:
    """Return ``{dotted name: value}`` of a config, in the order of definition."""
    flat = {}
    for each in settings(type(config)):
        value = config
        for part in each.name.split("."):
            value = getattr(value, part)
        flat[each.name] = value
    return flat


def build(schema: type[T], flat: Mapping[str, object]) -> T:
    """Return the config whose flat view is ``flat``, each value checked and in its own type.

    Names that are absent keep their default. Raises ConfigError with all unknown names and all
    wrong values.
    """
    known = {each.name: each for each in settings(schema)}
    problems = [unknown(name, known) for name in flat if name not in known]
    accepted: dict[str, object] = {}
    for name in [name for name in flat if name in known]:
        try:
            accepted[name] = known[name].accept(flat[name])
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return _construct(schema, nest(accepted))


def _construct(schema: type[T], nested: Mapping[str, Any]) -> T:
    annotations = typing.get_type_hints(schema)
    values = {
        name: _construct(annotations[name], value) if isinstance(value, dict) else value
        for name, value in nested.items()
    }
    return schema(**values)


def nest(flat: Mapping[str, object]) -> dict[str, Any]:
    """Return the nested form of a flat view, as written to JSON."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *sections, leaf = name.split(".")
        inner = nested
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[leaf] = value
    return nested


def unnest(nested: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """Return the flat view of a nested form, JSON's lists as tuples; the inverse of ``nest``."""
    flat: dict[str, object] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            flat |= unnest(value, prefix=f"{prefix}{name}.")
        else:
            flat[prefix + name] = tuple(value) if isinstance(value, list) else value
    return flat


def unknown(name: str, known: Iterable[str]) -> str:
    """Return the line for a field name that no config has, with the names that come closest."""
    names = list(known)
    inside = [each for each in names if each.startswith(f"{name}.")]
    if inside:
        return (
            f"--config.{name}: expected one field of this section, got the whole section; "
            f"set them one by one, such as --config.{inside[0]}"
        )
    close = closest(name, names)
    hint = f"did you mean --config.{close}?" if close else "--help lists every field"
    return f"--config.{name}: expected a field of the config, got an unknown name; {hint}"


def closest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that ``name`` was most likely meant to be, None if none is near.

    A name that has only its section wrong or left out counts as nearest.
    """
    names = list(names)
    leaf = name.rpartition(".")[2]
    same_leaf = [each for each in names if each.rpartition(".")[2] == leaf]
    near = difflib.get_close_matches(name, same_leaf, n=1, cutoff=0.0) or (
        difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    )
    return near[0] if near else None
