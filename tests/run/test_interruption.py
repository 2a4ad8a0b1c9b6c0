"""Signals: the first asks, the second insists, and nothing of it stays behind."""

import signal

import pytest

from sinq_jax.interruption import Interrupted, Interruption

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_between_steps_is_noted_for_the_one_who_asks(number: signal.Signals) -> None:
    with Interruption() as interruption:
        interruption.at_once = False
        assert interruption.requested is None
        signal.raise_signal(number)
        assert interruption.requested == number


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_and_one_where_nothing_is_kept_end_at_once(number: signal.Signals) -> None:
    with Interruption() as interruption:
        with pytest.raises(Interrupted):
            signal.raise_signal(number)
        interruption.at_once = False
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Interrupted) as caught:
            signal.raise_signal(number)
    assert caught.value.exit_status == 128 + number


def test_nobody_takes_a_signal_for_a_failure_of_theirs() -> None:
    assert not issubclass(Interrupted, Exception)


def test_the_handlers_from_before_come_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption():
        assert all(signal.getsignal(number) not in before for number in SIGNALS)
    assert [signal.getsignal(number) for number in SIGNALS] == before
