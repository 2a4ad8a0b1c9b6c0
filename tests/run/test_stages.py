"""The order of a run by the paper's procedure: as many steps as its control, each phase saved."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.config import Config
from sinq_jax.schedule import Schedule
from sinq_jax.stages import Stages
from tests.run.paper import get_config

few = st.integers(1, 7)
stages = st.builds(Stages, st.integers(0, 40), few, st.integers(0, 9), few, few, few, few, few)


@given(stages)
def test_every_step_is_made_once_and_in_order(order: Stages) -> None:
    ticks = [order.tick(number) for number in range(1, order.ticks + 1)]
    assert [tick.number for tick in ticks] == list(range(1, order.ticks + 1))
    steps = [step for tick in ticks for step in range(tick.first_step, tick.last_step)]
    assert steps == list(range(order.warm_steps + order.rounds * order.updates + order.closing))
    assert [(tick.round, tick.last_step) for tick in ticks] == sorted(
        (tick.round, tick.last_step) for tick in ticks
    )


@given(stages)
def test_each_round_is_played_once_and_then_trained_and_the_evaluator_comes_last(
    order: Stages,
) -> None:
    kinds = [stage.kind for stage in order.all if stage.begins]
    warm = ["warm start"] if order.warm_steps else []
    assert [kind for kind in kinds if kind != "warm start"] == [
        *["play", "generator"] * order.rounds,
        "evaluator",
    ]
    assert kinds[: len(warm)] == warm
    assert all(stage.steps == 0 for stage in order.all if stage.kind == "play")


@given(stages)
def test_all_play_and_the_end_of_each_training_are_saved_and_a_kill_costs_little(
    order: Stages,
) -> None:
    unsaved = 0
    for stage in order.all:
        unsaved += stage.tick.last_step - stage.tick.first_step
        if order.saves_after(stage.tick):
            unsaved = 0
        assert stage.kind != "play" or unsaved == 0
        assert unsaved < order.save_every_steps + order.stretch
    assert unsaved == 0


@given(stages)
def test_the_share_that_is_done_rises_to_one(order: Stages) -> None:
    done = [order.done_after(stage.tick) for stage in order.all]
    assert done == sorted(set(done))
    assert done[-1] == 1.0


def test_the_control_arm_makes_as_many_steps_as_the_procedure() -> None:
    config = get_config()
    config.check()
    assert (config.by_paper, replace(config, play=False).by_paper) == (True, False)
    by_paper, control = Stages.of(config), Schedule.of(replace(config, play=False))
    last = control.tick(control.ticks)
    assert by_paper.all[-1].tick.last_step == last.last_step == 80 + 2 * 16 + 12
    assert config.later_steps == 44
    steps = [
        step
        for number in range(1, control.ticks + 1)
        for step in range(control.tick(number).first_step, control.tick(number).last_step)
    ]
    assert steps == list(range(124))


def test_other_runs_have_no_closing_steps() -> None:
    assert Schedule.of(Config()).closing == 0
    assert Config().later_steps == Config().selfplay.rounds * Config().learning.updates
