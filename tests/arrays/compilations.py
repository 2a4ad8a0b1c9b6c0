"""Counts what XLA compiles."""

from collections.abc import Iterator
from contextlib import contextmanager

import jax.monitoring

_COMPILED = [0]


def _count(event: str, _seconds: float, **_details: object) -> None:
    _COMPILED[0] += event == "/jax/core/compile/backend_compile_duration"


jax.monitoring.register_event_duration_secs_listener(_count)


@contextmanager
def no_compilation() -> Iterator[None]:
    """Fails when anything at all is compiled inside."""
    before = _COMPILED[0]
    yield
    assert _COMPILED[0] == before, f"{_COMPILED[0] - before} programs were compiled"


@contextmanager
def some_compilation() -> Iterator[None]:
    """Fails when nothing is compiled inside: what shows that the counter counts."""
    before = _COMPILED[0]
    yield
    assert _COMPILED[0] > before
