"""Claims about what a round's own samples are learned from with: which groups, which loss, which
bonus, and what is carried to the next round.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.batching import Weighted
from sinq_jax.carried import Carried
from sinq_jax.config import Config, Learning, Policy, Rollout, Selfplay
from sinq_jax.game.records import Completion
from sinq_jax.learning.baselines import RunningBaseline
from sinq_jax.learning.objective import Objective
from sinq_jax.lessons import (
    Rewarded,
    objective_of,
    parts,
    per_update,
    policy_lesson,
    weighted_groups,
    without_contrast,
)
from sinq_jax.players import PLAIN
from sinq_jax.rollout import Group

CONFIG = Config(
    selfplay=Selfplay(answers=2, variants=2),
    rollout=Rollout(prompt_tokens=4, evaluator_tokens=3, generator_tokens=5),
    learning=Learning(evaluator_groups=2, generator_groups=3, updates=2, entropy=0.125),
)


def group(number: int = 1, size: int = 2) -> Group:
    tokens = np.full((size, 3), number, np.int32)
    return Group(
        np.array([number], np.int32),
        tokens,
        np.zeros((size, 3), np.float32),
        np.full(size, 3, np.int32),
        (Completion("", 3, True),) * size,
    )


def rewarded(*rewards: float) -> Rewarded:
    return Rewarded(group(size=len(rewards)), np.array(rewards, np.float32))


def having(**settings: object) -> Config:
    return replace(CONFIG, policy=replace(Policy(), **settings))  # type: ignore[arg-type]


COUNTS = st.integers(0, 20), st.integers(1, 6), st.integers(1, 5)


@given(*COUNTS)
def test_without_reuse_each_group_is_learned_from_at_most_once(
    count: int, rows: int, updates: int
) -> None:
    chosen = parts(count, rows, updates, reuse=False)
    used = [index for part in chosen for index in part]
    assert len(chosen) == updates
    assert all(len(part) <= rows for part in chosen)
    assert len(set(used)) == len(used)
    assert set(used) <= set(range(count))
    if count <= rows * updates:
        assert len(used) == count


@given(*COUNTS)
def test_with_reuse_every_batch_is_full_and_no_group_comes_twice_before_all_came_once(
    count: int, rows: int, updates: int
) -> None:
    chosen = parts(count, rows, updates, reuse=True)
    for part in chosen:
        assert len(part) == len(set(part)) == min(rows, count)
    if rows < count:
        order = [index for part in chosen for index in part]
        assert order == [place % count for place in range(len(order))]


def test_groups_without_contrast_drop_out_and_are_counted() -> None:
    given_groups = [rewarded(1, 0), rewarded(1, 1), rewarded(0, 0), rewarded(0.5, 0.75)]
    weighted = weighted_groups(CONFIG, given_groups, RunningBaseline())
    assert [each.weights.tolist() for each in weighted] == [[1, -1], [-0.25, 0.25]]
    assert without_contrast(given_groups) == 2


def test_with_a_running_baseline_they_teach_too_and_so_do_groups_of_one() -> None:
    given_groups = [rewarded(1, 1), rewarded(0.5), rewarded(0.25)]
    weighted = weighted_groups(having(baseline="running"), given_groups, RunningBaseline(0.25, 0.5))
    assert [each.weights.tolist() for each in weighted] == [[0.5, 0.5], [-0.25]]
    assert without_contrast(given_groups) == 3


@pytest.mark.parametrize(
    ("role", "seen", "bonus"),
    [
        ("evaluator", None, 0.125),
        ("evaluator", 0.4, 0.625),
        ("evaluator", 0.5, 0.125),
        ("generator", 0.4, 0.125),
    ],
)
def test_only_an_evaluator_below_the_floor_gets_the_bonus(
    role: str, seen: float | None, bonus: float
) -> None:
    config = having(entropy_floor=0.5, entropy_floor_weight=0.5)
    lesson = policy_lesson(config, role, [Weighted(group(), np.ones(2, np.float32))], seen)  # type: ignore[arg-type]
    assert lesson.entropy == bonus


def test_each_role_has_its_own_divergence_and_the_default_is_plain() -> None:
    assert objective_of(CONFIG, "evaluator") == objective_of(CONFIG, "generator") == PLAIN
    config = having(loss="clipped", clip_low=0.1, clip_high=0.4, generator_kl=0.3)
    assert objective_of(config, "generator") == Objective("clipped", 0.1, 0.4, 2.0, 0.3)
    assert objective_of(config, "evaluator").kl == 0


class Counting:
    """A reference that says of every token what the token is, and counts how often it is asked."""

    asked = 0

    def logprobs(self, role: str, batch: object) -> np.ndarray:
        self.asked += 1
        return np.asarray(batch.completion, np.float32)  # type: ignore[attr-defined]


def test_the_reference_is_asked_once_for_all_updates_that_use_a_group() -> None:
    config = replace(
        having(evaluator_kl=0.1, reuse_groups=True), learning=replace(CONFIG.learning, updates=4)
    )
    groups = [Weighted(group(number), np.ones(2, np.float32)) for number in (1, 2, 3)]
    reference = Counting()
    shown = per_update(config, "evaluator", groups, reference)  # type: ignore[arg-type]
    assert reference.asked == 2  # three groups in batches of two
    assert [[int(each.group.tokens[0, 0]) for each in part] for part in shown] == [
        [1, 2],
        [3, 1],
        [2, 3],
        [1, 2],
    ]
    for part in shown:
        batch = policy_lesson(config, "evaluator", part).batch
        assert batch.reference is not None
        np.testing.assert_array_equal(batch.reference, np.float32(batch.completion))
    none = per_update(config, "generator", groups, None)
    assert policy_lesson(config, "generator", none[0]).batch.reference is None


def test_what_is_carried_comes_back_from_json_as_it_was() -> None:
    config = having(baseline="running", entropy_floor=1.0, baseline_decay=0.7)
    metrics = {"learning/evaluator_policy_tokens": 3.0, "learning/evaluator_policy_entropy": 0.1}
    third = np.array([1 / 3, 0.1], np.float32)
    carried = Carried().after_update(config, metrics)
    carried = carried.after_round(config, {"evaluator": [third], "generator": []})
    assert carried.entropy == 0.1
    assert carried.baseline("generator").weight == 0
    assert Carried.from_plain(json.loads(json.dumps(carried.plain()))) == carried
    assert Carried.from_plain({}) == Carried()


def test_an_update_without_answers_says_nothing_of_their_entropy() -> None:
    config = having(entropy_floor=1.0)
    nothing = {"learning/evaluator_policy_tokens": 0.0, "learning/evaluator_policy_entropy": 0.0}
    assert Carried(entropy=0.7).after_update(config, nothing).entropy == 0.7


def test_what_the_config_does_not_use_is_not_carried() -> None:
    metrics = {"learning/evaluator_policy_tokens": 3.0, "learning/evaluator_policy_entropy": 0.1}
    carried = Carried().after_update(CONFIG, metrics)
    assert carried.after_round(CONFIG, {"evaluator": [np.ones(2, np.float32)]}) == Carried()
