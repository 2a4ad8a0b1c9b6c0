"""The order of a run: nothing is made twice or left out, each phase ends measured and saved."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.config import Benchmark, Checkpoint, Config, Learning, Selfplay, WarmStart
from sinq_jax.schedule import Schedule

few = st.integers(1, 7)
schedules = st.builds(Schedule, st.integers(0, 40), few, st.integers(0, 12), few, few, few, few)


@given(schedules)
def test_every_step_is_made_once_and_in_order(schedule: Schedule) -> None:
    ticks = [schedule.tick(number) for number in range(1, schedule.ticks + 1)]
    steps = [step for tick in ticks for step in range(tick.first_step, tick.last_step)]
    assert steps == list(range(schedule.warm_steps + schedule.rounds * schedule.updates))
    assert all(tick.first_step < tick.last_step for tick in ticks)


@given(schedules)
def test_the_warm_start_comes_first_and_then_each_round_once(schedule: Schedule) -> None:
    rounds = [schedule.tick(number).round for number in range(1, schedule.ticks + 1)]
    warm = schedule.warm_ticks
    assert rounds == [0] * warm + list(range(1, schedule.rounds + 1))
    assert all(schedule.tick(n).last_step <= schedule.warm_steps for n in range(1, warm + 1))


@given(schedules)
def test_both_phases_end_measured_and_saved(schedule: Schedule) -> None:
    for number in {schedule.warm_ticks, schedule.ticks} - {0}:
        tick = schedule.tick(number)
        assert schedule.measures_after(tick)
        assert schedule.saves_after(tick)


@given(schedules)
def test_a_kill_never_costs_more_than_what_was_asked_for(schedule: Schedule) -> None:
    unsaved_steps = unsaved_rounds = 0
    for number in range(1, schedule.ticks + 1):
        tick = schedule.tick(number)
        unsaved_steps += 0 if tick.round else tick.last_step - tick.first_step
        unsaved_rounds += tick.round > 0
        if schedule.saves_after(tick):
            unsaved_steps = unsaved_rounds = 0
        assert unsaved_steps < schedule.save_every_steps + schedule.stretch
        assert unsaved_rounds < schedule.save_every_rounds


@given(schedules)
def test_the_share_that_is_done_rises_to_one(schedule: Schedule) -> None:
    done = [schedule.done_after(schedule.tick(n)) for n in range(1, schedule.ticks + 1)]
    assert done == sorted(set(done))
    assert all(0 < share <= 1 for share in done)
    assert done[-1:] in ([], [1.0])


def test_play_and_its_control_have_the_same_schedule() -> None:
    config = Config(
        warm_start=WarmStart(steps=70, log_every=30),
        selfplay=Selfplay(rounds=5),
        learning=Learning(updates=3),
        benchmark=Benchmark(every_rounds=2),
        checkpoint=Checkpoint(every_rounds=4, every_steps=50),
    )
    play = Schedule.of(config)
    assert play == Schedule.of(replace(config, play=False))
    assert (play.warm_ticks, play.ticks) == (3, 8)
    assert [n for n in range(1, 9) if play.measures_after(play.tick(n))] == [3, 5, 7, 8]
    assert [n for n in range(1, 9) if play.saves_after(play.tick(n))] == [2, 3, 7, 8]
