"""Claims about shuffled passes through the originals."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sinq_jax.passes import of_pass


@settings(deadline=None, max_examples=30)
@given(count=st.integers(1, 40), size=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_a_pass_has_everything_at_most_once_and_leaves_less_than_a_round(
    count: int, size: int, seed: int
) -> None:
    size = min(size, count)
    rounds = count // size
    seen = [each for number in range(1, rounds + 1) for each in of_pass(count, size, number, seed)]
    assert len(seen) == len(set(seen)) > count - size
    assert set(seen) <= set(range(count))


def test_any_round_can_be_asked_for_at_once_and_passes_differ() -> None:
    rounds = [of_pass(30, 10, number, 7) for number in range(1, 10)]
    assert rounds[7] == of_pass(30, 10, 8, 7)
    firsts = {tuple(rounds[place]) for place in (0, 3, 6)}
    assert len(firsts) == 3
    assert of_pass(30, 10, 1, 8) != rounds[0]
