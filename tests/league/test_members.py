"""Who is in the league, and who of them plays: laws that hold for every run."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.league.members import by_recency, by_regret, memberships, met

MEMBERS = st.lists(st.integers(0, 99), min_size=1, max_size=8, unique=True).map(sorted)


@given(st.integers(0, 200), st.integers(1, 20), st.integers(2, 9))
def test_the_first_and_the_newest_stay_and_never_more_than_asked_for(
    last: int, every: int, most: int
) -> None:
    history = memberships(last, every, most)
    assert len(history) == last // every + 1
    for place, league in enumerate(history):
        assert league[0] == 0
        assert league[-1] == place * every
        assert len(league) <= most
        assert list(league) == sorted(set(league))
        if place:  # nobody comes back, so what is dropped from the disk is never asked for again
            assert set(league) <= {*history[place - 1], place * every}


@given(st.integers(0, 60), st.integers(1, 5), st.integers(2, 6), st.integers(0, 60))
def test_the_league_of_a_round_does_not_depend_on_later_ones(
    last: int, every: int, most: int, later: int
) -> None:
    history = memberships(last, every, most)
    assert memberships(last + later, every, most)[: len(history)] == history


def test_those_that_stay_are_spread_over_the_run() -> None:
    assert memberships(40, 10, 4)[-1] in ((0, 20, 30, 40), (0, 10, 20, 40), (0, 10, 30, 40))
    for last in range(50, 400, 10):
        league = memberships(last, 10, 6)[-1]
        gaps = np.diff(league)
        assert gaps.max() <= 0.55 * last


@given(MEMBERS, st.floats(0.05, 1.0))
def test_recency_weighs_each_snapshot_by_its_age(members: list[int], recency: float) -> None:
    weights = by_recency(members, recency)
    assert weights.sum() == pytest.approx(1)
    for older, newer in pairwise(weights):
        assert older == pytest.approx(recency * newer)


@given(MEMBERS, st.data())
def test_regret_prefers_whom_today_loses_to_and_forgets_nobody(
    members: list[int], data: st.DataObject
) -> None:
    success = {member: data.draw(st.floats(0, 1)) for member in members if data.draw(st.booleans())}
    weights = by_regret(members, success)
    assert weights.sum() == pytest.approx(1)
    assert np.all(weights > 0)
    for first, one in zip(members, weights, strict=True):
        for second, other in zip(members, weights, strict=True):
            if success.get(first, 0) < success.get(second, 0):
                assert one >= other


def test_regret_is_alpha_stars_formula() -> None:
    # (1 - 0.5)^2 + 0.02 and (1 - 0)^2 + 0.02, over their sum.
    assert by_regret([0, 10], {0: 0.5}) == pytest.approx([0.27 / 1.29, 1.02 / 1.29])


def test_an_estimate_moves_towards_each_meeting() -> None:
    once = met({}, 3, 0.4)
    assert once == {3: 0.4}
    assert met(once, 3, 1.0)[3] == pytest.approx(0.7 * 0.4 + 0.3)
    assert met(once, 5, 0.1) == {3: 0.4, 5: 0.1}
