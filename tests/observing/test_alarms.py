"""Claims about alarms: they ring when their patience is over, and a resumed run rings alike."""

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.alarms import Watch
from sinq_jax.config.online import AlarmName, Alarms
from sinq_jax.report.alarms import alarm_lines

QUIET = {
    "generator/validity": 0.5,
    "learning/generator_policy_entropy": 1.0,
    "learning/generator_policy_tokens": 100.0,
    "learning/evaluator_policy_entropy": 1.0,
    "learning/evaluator_policy_tokens": 100.0,
    "generator/truncated_rate": 0.0,
    "evaluator/truncated_rate": 0.0,
    "generator/duplicate_rate": 0.0,
    "generator/suspect_rate": 0.0,
    "evaluator/groups_none_solved": 0.2,
    "evaluator/groups_all_solved": 0.2,
    "learning/generator_policy_logprob_gap": 1e-6,
    "learning/evaluator_policy_logprob_gap": 1e-6,
}
BAD = {
    "validity": ("generator/validity", 0.01),
    "entropy": ("learning/evaluator_policy_entropy", 0.001),
    "truncation": ("evaluator/truncated_rate", 0.9),
    "duplicates": ("generator/duplicate_rate", 0.9),
    "suspects": ("generator/suspect_rate", 0.3),
    "none_solved": ("evaluator/groups_none_solved", 0.95),
    "all_solved": ("evaluator/groups_all_solved", 0.95),
    "logprob_gap": ("learning/generator_policy_logprob_gap", 0.5),
}


def with_bad(name: str) -> dict[str, float]:
    metric, value = BAD[name]
    return {**QUIET, metric: value}


def test_every_alarm_is_tried_here() -> None:
    assert set(BAD) == set(get_args(AlarmName))


@pytest.mark.parametrize("name", BAD)
def test_an_alarm_rings_after_its_patience_says_so_once_and_is_quiet_again(name: str) -> None:
    patience = getattr(Alarms(), f"{name}_rounds")
    watch = Watch(Alarms())
    for number in range(1, patience + 3):
        seen, lines = watch.look(with_bad(name))
        assert seen[f"alarm/{name}"] == (number >= patience)
        assert sum(seen.values()) <= 1
        assert len(lines) == (number == patience)
        if lines:
            assert lines[0].startswith(f"alarm {name}: expected {BAD[name][0]} of at ")
            assert f"got {BAD[name][1]:g} after {patience} rounds" in lines[0]
            assert f"--config.alarms.{name}" in lines[0]
    assert watch.look(QUIET) == (dict.fromkeys(seen, 0.0), [])
    assert not watch.ends_run


def test_one_good_round_begins_the_patience_anew() -> None:
    watch = Watch(Alarms(validity_rounds=2))
    rounds = [with_bad("validity"), QUIET, with_bad("validity"), with_bad("validity")]
    rings = [watch.look(each)[0]["alarm/validity"] for each in rounds]
    assert rings == [0, 0, 0, 1]


def test_what_was_not_measured_neither_rings_nor_calms() -> None:
    watch = Watch(Alarms(entropy_rounds=2))
    empty = {**QUIET, "learning/evaluator_policy_entropy": 0.0}
    empty |= {"learning/evaluator_policy_tokens": 0.0}  # a batch without tokens has entropy 0
    for metrics in (empty, with_bad("entropy")):
        assert watch.look(metrics)[0]["alarm/entropy"] == 0
    assert watch.look({}) == ({}, [])
    assert watch.look(with_bad("entropy"))[0]["alarm/entropy"] == 1


def test_patience_0_is_off() -> None:
    watch = Watch(Alarms(validity_rounds=0))
    assert "alarm/validity" not in watch.look(with_bad("validity"))[0]


def test_an_alarm_that_stops_gives_the_same_command_its_patience_again() -> None:
    settings = Alarms(validity_rounds=2, stop=("validity",))
    watch = Watch(settings)
    watch.look(with_bad("validity"))
    assert not watch.ends_run
    watch.look(with_bad("validity"))
    assert watch.stopped_by == ["validity"]
    assert watch.ends_run
    assert watch.farewell.startswith("stopped by the alarm validity")
    resumed = Watch(settings)
    resumed.restore(json.loads(json.dumps(watch.plain())))
    assert not resumed.ends_run
    resumed.look(with_bad("validity"))
    assert not resumed.ends_run
    resumed.look(with_bad("validity"))
    assert resumed.ends_run


@given(st.lists(st.floats(0, 1), max_size=12), st.integers(0, 4))
def test_the_stop_rule_counts_benchmarks_since_the_best(success: list[float], most: int) -> None:
    watch = Watch(Alarms(held_out_benchmarks=most))
    for value in success:
        watch.measured(value)
    since = len(success) - 1 - success.index(max(success)) if success else 0
    assert watch.exhausted == (0 < most <= since)


WORLDS = st.lists(st.sampled_from([QUIET, *map(with_bad, BAD)]), min_size=1, max_size=10)


@given(WORLDS, st.integers(0, 9), st.integers(1, 3))
def test_a_resumed_watch_rings_like_one_that_went_on(
    rounds: list[dict[str, float]], cut: int, patience: int
) -> None:
    settings = replace(Alarms(), **{f"{name}_rounds": patience for name in BAD})
    one, other = Watch(settings), Watch(settings)
    for number, metrics in enumerate(rounds):
        if number == cut:
            saved, other = json.loads(json.dumps(other.plain())), Watch(settings)
            other.restore(saved)
        assert one.look(metrics) == other.look(metrics)
        one.measured(metrics["generator/validity"])
        other.measured(metrics["generator/validity"])
    assert one.plain() == other.plain()


def test_the_report_names_the_rounds_in_which_an_alarm_rang() -> None:
    rang = {1: 0.0, 2: 1.0, 3: 1.0, 4: 0.0, 5: 1.0}
    rows = [
        {"round": number, "step": number, "alarm/none_solved": value, "alarm/validity": 0.0}
        for number, value in rang.items()
    ]
    rows.insert(2, {"round": 2, "step": 2, "benchmark/success": 0.4})
    assert alarm_lines(rows) == ["none solved: rounds 2 to 3, round 5"]
    assert alarm_lines(rows[:1]) == []
