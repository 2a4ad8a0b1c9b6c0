"""One sandbox for all tests of the room."""

from collections.abc import Iterator

import pytest

from sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with the standard limits."""
    with Sandbox(workers=1) as opened:
        yield opened
