"""Where a run stands, on one line: redrawn on a terminal, now and then a plain line elsewhere."""

import contextlib
import math
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TextIO

REDRAW_S = 0.2
PLAIN_LINE_S = 30.0


@dataclass(frozen=True)
class Standing:
    """What the progress line tells; None leaves a part out.

    ``phase`` is a word or two; ``done`` is the share of the whole run's work, 0 to 1, from which
    the time left follows; ``round_of`` and ``step_of`` are (current, last).
    """

    phase: str
    done: float
    round_of: tuple[int, int] | None = None
    step_of: tuple[int, int] | None = None
    tokens_per_s: float | None = None
    checks_per_s: float | None = None
    success: float | None = None


class Progress:
    """The progress line on ``stream`` (None: stderr): a context manager that ends the line.

    On a terminal one line is redrawn at most five times a second. Elsewhere a line is printed when
    the phase changes and every 30 seconds. It never raises for a stream that has gone away: a run
    does not end because nobody watches. ``clock`` tells seconds.
    """

    def __init__(
        self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._clock = clock
        self._began: tuple[float, float] | None = None  # clock and share at the first standing
        self._shown_at = -math.inf
        self._phase = ""
        self._line = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def show(self, standing: Standing) -> None:
        """Show where the run stands, or skip it when the line is fresh; cheap to call often."""
        now = self._clock()
        if self._began is None:
            self._began = (now, standing.done)
        wait = REDRAW_S if self._terminal else PLAIN_LINE_S
        if standing.phase == self._phase and now - self._shown_at < wait:
            return
        self._shown_at, self._phase = now, standing.phase
        text = describe(standing, self._left_s(now, standing.done))
        if self._terminal:
            self._line = text[: shutil.get_terminal_size().columns - 1]
            self._write(f"\r{self._line}\x1b[K")
        else:
            self._write(text + "\n")

    def say(self, message: str) -> None:
        """Print a line that stays, above the progress line."""
        if self._line:
            self._write(f"\r\x1b[K{message}\n{self._line}")
        else:
            self._write(message + "\n")

    def close(self) -> None:
        """Leave the last line as it is and go to the next; calling twice is fine."""
        if self._line:
            self._line = ""
            self._write("\n")

    def _left_s(self, now: float, done: float) -> float | None:
        """Seconds left at the pace since the first standing, which a resume starts anew."""
        since, share = self._began or (now, done)
        if done <= share or now <= since:
            return None
        return (now - since) * (1 - done) / (done - share)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # ValueError: the stream was closed
            self._stream.write(text)
            self._stream.flush()


def loading_line(phase: str = "loading weights") -> Callable[[int, int], None]:
    """Return what is to be called with (done, all) bytes: it shows a line of its own, and ends it
    when all is done.
    """
    line = Progress()

    def watch(done: int, total: int) -> None:
        line.show(Standing(phase, done / total))
        if done == total:
            line.close()

    return watch


def describe(standing: Standing, left_s: float | None) -> str:
    """Return the line, such as ``play  round 12/150  1.8k tokens/s  41%  4 min 10 s left``."""
    parts = [standing.phase]
    if standing.round_of:
        parts.append("round {}/{}".format(*standing.round_of))
    if standing.step_of:
        parts.append("step {}/{}".format(*standing.step_of))
    if standing.tokens_per_s is not None:
        parts.append(f"{in_thousands(standing.tokens_per_s)} tokens/s")
    if standing.checks_per_s is not None:
        parts.append(f"{in_thousands(standing.checks_per_s)} checks/s")
    if standing.success is not None:
        parts.append(f"success {standing.success:.3f}")
    parts.append(f"{math.floor(100 * standing.done)}%")
    if left_s is not None:
        parts.append(f"{in_words(left_s)} left")
    return "  ".join(parts)


def in_thousands(number: float) -> str:
    """Return a number in three digits or so: ``31``, ``4.1k``, ``23k``, ``1.2M``."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if number >= 0.9995 * size:
            scaled = number / size
            return f"{scaled:.0f}{unit}" if scaled >= 9.95 else f"{scaled:.1f}{unit}"
    return f"{number:.0f}"


def in_words(seconds: float) -> str:
    """Return a span of time as people say it: ``8 s``, ``4 min 10 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
