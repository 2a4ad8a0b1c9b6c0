"""What a run asks of its hosts; here they are one."""

import json
import zlib
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Hosts:
    """A run of one process: whatever is exchanged comes back as it is, at no cost.

    A context manager, entered for as long as the run lasts. ``number`` is this host, of 0 to
    ``count`` - 1. All hosts make the same exchanges in the same order; ``what`` names one, so that
    hosts that are not in step notice.
    """

    number = 0
    count = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is to be left."""

    @property
    def first(self) -> bool:
        """Whether this host writes what a run leaves behind, and talks to people."""
        return self.number == 0

    def exchange(self, what: str, mine: bytes) -> list[bytes]:
        """What every host gave, by number; waits until all have."""
        return [mine]

    def part(self) -> None:
        """All hosts come to their end here: from now on, none misses another."""

    def leave(self, why: str, status: int) -> None:
        """Tell the others why this host ends before them, with which exit status."""

    def say_through(self, say: Callable[[str], None]) -> None:
        """How the last line is printed when another host is gone."""

    def exchange_json(self, what: str, mine: Any) -> list[Any]:
        """``exchange`` for values that JSON can hold, which come back as JSON has them."""
        if self.count == 1:
            return [mine]
        given = self.exchange(what, zlib.compress(json.dumps(mine).encode(), 1))
        return [json.loads(zlib.decompress(each)) for each in given]

    def of_first(self, what: str, make: Callable[[], T]) -> T:
        """What ``make`` returns on the first host, where alone it is called. A JSON value."""
        made: T = self.exchange_json(what, make() if self.first else None)[0]
        return made

    def after_first(self, what: str, make: Callable[[], T]) -> T:
        """What ``make`` returns on this host; the others call it once the first one has, and find
        on the disk what that left there.
        """
        if self.first:
            made = make()
        self.wait(what)
        return made if self.first else make()

    def wait(self, what: str) -> None:
        """Until all hosts are here."""
        self.exchange(what, b"")

    def any_of(self, what: str, mine: int | None) -> int | None:
        """The first number that is not None, by host; None where no host has one."""
        given: Sequence[int | None] = self.exchange_json(what, mine)
        return next((each for each in given if each is not None), None)


ALONE = Hosts()
