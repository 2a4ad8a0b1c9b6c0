"""The warm start: every pair in every epoch, and a learning rate at rest before play begins."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.config import Config
from sinq_jax.schedule import Schedule
from sinq_jax.warmstart import draw_rows, interleaved, learning_rate


@given(st.integers(1, 20), st.integers(1, 9), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_every_element_is_drawn_once_in_every_epoch(
    size: int, count: int, epochs: int, seed: int
) -> None:
    pool = list(range(size))
    steps = -(-size * epochs // count)
    drawn = [row for step in range(steps) for row in draw_rows(pool, count, seed, "x", step)]
    assert len(drawn) == steps * count
    for epoch in range(epochs):
        assert Counter(drawn[epoch * size : (epoch + 1) * size]) == Counter(pool)


@given(st.lists(st.integers()), st.lists(st.text(max_size=1)), st.integers(0, 20))
def test_what_is_cut_off_leaves_both_kinds_in_their_proportion(
    first: list[int], second: list[str], count: int
) -> None:
    mixed = interleaved(first, second)
    assert [each for each in mixed if isinstance(each, int)] == first
    assert [each for each in mixed if isinstance(each, str)] == second
    kept = mixed[:count]
    share = sum(isinstance(each, str) for each in kept)
    whole = len(second) / max(1, len(mixed))
    assert abs(share - len(kept) * whole) <= 1


def test_rows_depend_on_seed_purpose_and_step_alone() -> None:
    pool = list(range(100))
    first = draw_rows(pool, 8, 0, "questions", 5)
    assert first == draw_rows(pool, 8, 0, "questions", 5)
    others = [(1, "questions", 5), (0, "tasks", 5), (0, "questions", 6)]
    assert all(first != draw_rows(pool, 8, *other) for other in others)


def rates(config: Config) -> list[tuple[int, float]]:
    """The round and the learning rate of every step of a run."""
    schedule = Schedule.of(config)
    ticks = [schedule.tick(number) for number in range(1, schedule.ticks + 1)]
    return [
        (tick.round, learning_rate(config, tick, step))
        for tick in ticks
        for step in range(tick.first_step, tick.last_step)
    ]


def test_both_phases_rise_to_their_peak_and_end_at_the_same_rate() -> None:
    config = Config()
    final = config.learning.final_learning_rate
    warm = [rate for round_, rate in rates(config) if round_ == 0]
    play = [rate for round_, rate in rates(config) if round_ > 0]
    for phase, peak in (
        (warm, config.warm_start.learning_rate),
        (play, config.learning.learning_rate),
    ):
        assert max(phase) == peak
        assert phase[-1] == final
        top = phase.index(peak)
        assert phase[: top + 1] == sorted(phase[: top + 1])
        assert phase[top:] == sorted(phase[top:], reverse=True)
    assert min(play) >= final


def test_the_control_arm_learns_at_the_rates_of_play() -> None:
    assert rates(Config()) == rates(replace(Config(), play=False))


def test_without_a_fall_the_rate_stays_at_its_peak() -> None:
    config = Config()
    level = replace(
        config,
        warm_start=replace(config.warm_start, decay_share=0.0),
        learning=replace(config.learning, decay_share=0.0),
    )
    assert rates(level)[-1][1] == config.learning.learning_rate
    assert [rate for round_, rate in rates(level) if round_ == 0][-1] == (
        config.warm_start.learning_rate
    )
