"""Claims about the archive of behaviours and the quotas on it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Sandbox
from sinq_jax.game.archive import Archive, Quota, archive_measures, observed
from sinq_jax.game.records import Answer, Behaviour, Completion, Game, Proposal, Ruling
from sinq_jax.game.rewards import generator_reward
from sinq_jax.programs.program import Parameter, Program

SOURCE = "def f(x):\n    return x + 1 if x > 3 else 0\n"
PROVEN = Ruling("diverges", "different values", {})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1) as opened:
        yield opened


def game(variant: str, behaviour: Behaviour | None = None, name: str = "f") -> Game:
    program = Program(name, SOURCE.replace("def f", f"def {name}"), name, (Parameter("x", "int"),))
    return Game(
        round=1,
        program=program,
        target=10,
        sample=0,
        completion=Completion(variant, 5, True),
        proposal=Proposal(variant, '{"x": 4}'),
        admission=PROVEN,
        density=(1, 8),
        behaviour=behaviour,
    )


def behaving(outcomes: str, name: str = "f") -> Game:
    return game("", Behaviour(("constant",), outcomes), name)


def test_a_behaviour_is_the_kind_of_edit_and_what_was_done_on_the_probes(sandbox: Sandbox) -> None:
    variants = [
        SOURCE.replace("> 3", "> 4"),
        SOURCE.replace("> 3", "> 2 + 2"),  # does what the first does, by another edit
        SOURCE.replace("x + 1", "x + 2"),
        SOURCE.replace("> 3", ">= 5"),
    ]
    refused = replace(game(SOURCE), admission=Ruling("same", "same outcome", {}))
    *seen, left = observed(sandbox, [*map(game, variants), refused], 24)
    assert left.behaviour is None
    kinds = [each.behaviour.edit for each in seen if each.behaviour]
    assert kinds == [("constant",), ("expression",), ("constant",), ("comparison", "constant")]
    outcomes = [each.behaviour.outcomes for each in seen if each.behaviour]
    assert outcomes[0] == outcomes[1] == outcomes[3] != outcomes[2]
    assert observed(sandbox, [*map(game, variants), refused], 24) == (*seen, left)


def test_what_was_there_before_is_counted_in_earlier_rounds_and_in_this_one() -> None:
    archive = Archive()
    first = archive.placed([behaving("a"), behaving("a"), behaving("b"), behaving("a", "g")])
    assert [each.behaviour.seen for each in first if each.behaviour] == [0, 1, 0, 0]
    archive.add(first)
    second = archive.placed([behaving("a"), behaving("b"), behaving("c")])
    assert [each.behaviour.seen for each in second if each.behaviour] == [2, 1, 0]
    assert (archive.variants, archive.distinct) == (4, 3)


def test_the_archive_forgets_what_is_older_than_its_rounds() -> None:
    archive = Archive(rounds=2)
    for outcomes in "abc":
        archive.add([behaving(outcomes), behaving(outcomes)])
    seen = archive.placed([behaving("a"), behaving("b"), behaving("c")])
    assert [each.behaviour.seen for each in seen if each.behaviour] == [0, 2, 2]
    assert (archive.variants, archive.distinct) == (4, 2)


rounds = st.lists(st.lists(st.sampled_from("abc"), max_size=4), max_size=6)


@given(rounds, st.integers(0, 3))
def test_an_archive_made_of_stored_games_places_like_the_one_that_saw_them(
    played: list[list[str]], limit: int
) -> None:
    """As a resume needs: what was placed and kept is all there is to know."""
    live, kept = Archive(limit), []
    for outcomes in played:
        placed = live.placed([behaving(each) for each in outcomes])
        live.add(placed)
        kept.append(placed)
    restored = Archive(limit)
    for placed in kept[-limit:] if limit else kept:
        restored.add(placed)
    new = [behaving(each) for each in "abc"]
    assert live.placed(new) == restored.placed(new)
    assert (live.variants, live.distinct) == (restored.variants, restored.distinct)


@given(st.integers(0, 5), st.integers(0, 5), st.floats(0, 1))
def test_what_is_over_the_quota_gets_its_share_and_all_else_is_paid_as_ever(
    seen: int, most: int, share: float
) -> None:
    word = Ruling("same", "same outcome", {})
    answers = (Answer(Completion("", 1, True), "{}", False, word),)
    played = replace(game("", Behaviour(("constant",), "a", seen)), answers=answers)
    full = generator_reward(played, "target", 0.5)
    paid = generator_reward(played, "target", 0.5, Quota(most, share))
    assert full == 1.0
    assert paid == (share if 0 < most <= seen else 1.0)
    assert generator_reward(replace(played, behaviour=None), "target", 0.5, Quota(most)) == 1.0


def test_the_measures_have_their_denominators() -> None:
    archive = Archive()
    source = SOURCE.replace("> 3", "> 4")
    placed = archive.placed([game(source, Behaviour(("constant",), each)) for each in "aaab"])
    archive.add(placed)
    measures = archive_measures([*placed, game("")], Quota(2), archive)
    assert measures == {
        "archive/variants": 4.0,
        "archive/held_variants": 4.0,
        "archive/held_distinct": 2.0,
        "archive/distinct_per_100": 50.0,
        "archive/novelty": 0.5,
        "archive/over_quota": 0.25,
        "archive/edit_share_median": 1 / 20,  # SOURCE has 20 tokens
    }
    assert "archive/novelty" not in archive_measures([], Quota(2), Archive())
