"""SIGINT and SIGTERM as a question asked between two steps: save, then leave."""

import signal
from types import FrameType, TracebackType


class Interrupted(Exception):
    """A signal asked the run to end; ``exit_status`` is 128 plus its number, as shells report it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_status = 128 + number


class Interruption:
    """While entered, the first SIGINT or SIGTERM is only noted; a second one ends the process at once.

    Between steps the run asks ``requested``; what takes long and keeps nothing (making pairs, compiling) may be
    marked by ``at_once``, so that a signal there raises ``Interrupted`` directly.
    """

    def __init__(self) -> None:
        self.requested: int | None = None
        self.at_once = True
        self._before: dict[int, signal.Handlers | int | None] = {}

    def __enter__(self) -> "Interruption":
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)  # type: ignore[assignment]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.at_once or self.requested is not None:
            raise Interrupted(number)
        self.requested = number

    def check(self) -> None:
        """Raises ``Interrupted`` when a signal has come."""
        if self.requested is not None:
            raise Interrupted(self.requested)
