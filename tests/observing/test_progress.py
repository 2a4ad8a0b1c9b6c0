"""Claims about the progress line: it moves on a terminal, stays rare elsewhere, and never kills."""

import io
import os

import pytest

from sinq_jax.progress import Progress, Standing, in_thousands, in_words


class Screen(io.StringIO):
    """A terminal that keeps what was written to it."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass only when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_line_tells_all_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    screen, clock = Screen(), Clock()
    with Progress(screen, clock=clock) as progress:
        progress.show(Standing("play", 0.2))
        clock.now = 60
        progress.show(Standing("play", 0.4, (12, 150), (900, 2000), 1840.0, 310.2, 0.4123))
    last = screen.getvalue().rsplit("\r", 1)[1]
    assert last == (
        "play  round 12/150  step 900/2000  1.8k tokens/s  310 checks/s  success 0.412  "
        "40%  3 min 0 s left\x1b[K\n"
    )


def test_the_line_is_never_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    screen = Screen()
    with Progress(screen) as progress:
        progress.show(Standing("warm start of the players", 0.5))
    assert screen.getvalue() == "\rwarm start \x1b[K\n"


def test_a_terminal_line_is_redrawn_in_place_but_not_at_every_call() -> None:
    screen, clock = Screen(), Clock()
    with Progress(screen, clock=clock) as progress:
        for _ in range(100):
            clock.now += 0.01
            progress.show(Standing("warm start", clock.now / 2))
    text = screen.getvalue()
    assert 4 <= text.count("\r") <= 6
    assert text.count("\n") == 1


def test_elsewhere_lines_come_with_each_phase_and_every_half_minute() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, clock=clock) as progress:
        for second in range(100):
            clock.now = second
            progress.show(Standing("warm start" if second < 50 else "play", second / 100))
    lines = stream.getvalue().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["warm start"] * 2 + ["play"] * 2
    assert "\r" not in stream.getvalue()


def test_time_left_counts_from_where_a_resumed_run_began() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, clock=clock) as progress:
        progress.show(Standing("play", 0.9))
        clock.now = 40
        progress.show(Standing("play", 0.95))
    assert stream.getvalue().splitlines() == ["play  90%", "play  95%  40 s left"]


def test_a_message_stands_above_the_line() -> None:
    screen = Screen()
    with Progress(screen) as progress:
        progress.show(Standing("play", 0.5))
        progress.say("checkpoint of round 3 is damaged; going on from round 2")
    assert screen.getvalue() == (
        "\rplay  50%\x1b[K\r\x1b[Kcheckpoint of round 3 is damaged; going on from round 2\n"
        "play  50%\n"
    )


def test_a_closed_stream_does_not_end_the_run() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    with Progress(stream) as progress:
        progress.show(Standing("play", 0.5))
        progress.say("still here")
        with pytest.raises(BrokenPipeError):
            stream.close()
        progress.say("and here")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (31.4, "31"),
        (999.4, "999"),
        (999.9, "1.0k"),
        (4140, "4.1k"),
        (9960, "10k"),
        (1.25e6, "1.2M"),
    ],
)
def test_numbers_keep_two_or_three_digits(number: float, text: str) -> None:
    assert in_thousands(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7.6, "8 s"), (59.7, "1 min 0 s"), (250, "4 min 10 s"), (7500, "2 h 5 min")],
)
def test_spans_read_as_people_say_them(seconds: float, text: str) -> None:
    assert in_words(seconds) == text
