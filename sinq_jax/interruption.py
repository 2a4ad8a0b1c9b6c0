"""SIGINT and SIGTERM as a question asked between two steps: save, then leave."""

import signal
from types import FrameType, TracebackType
from typing import Any


class Interrupted(BaseException):
    """A signal asked the run to end; ``exit_status`` is 128 plus its number, as in shells.

    No ``Exception``, as KeyboardInterrupt is none: nobody may take it for a failure of theirs.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_status = 128 + number


class Interruption:
    """While entered, a first SIGINT or SIGTERM is noted, and a second one raises ``Interrupted``.

    Between ticks the run asks ``requested``. While ``at_once`` is set, as it is at first, what is
    under way keeps nothing (making pairs), and the first signal raises too.
    """

    def __init__(self) -> None:
        self.requested: int | None = None
        self.at_once = True
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Interruption":
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.at_once or self.requested is not None:
            raise Interrupted(number)
        self.requested = number
