"""Claims about randomness: a purpose has its own numbers, and the same ones each time."""

import jax

from sinq_jax.randomness import device_key, host_generator

PURPOSES = [
    (0, "tasks", 1),
    (0, "tasks", 2),
    (0, "replay", 1),
    (0, 1, "tasks"),
    (0, "tasks"),
    (0, "tasks", 1, 0),
    (0, "tasks", 0),
    (1, "tasks", 1),
]


def bits(purpose: tuple) -> tuple:
    return tuple(jax.random.key_data(device_key(*purpose)).tolist())


def test_a_purpose_has_the_same_numbers_each_time() -> None:
    for purpose in PURPOSES:
        assert bits(purpose) == bits(purpose)
        drawn = [host_generator(*purpose).integers(2**60, size=3).tolist() for _ in range(2)]
        assert drawn[0] == drawn[1]


def test_every_purpose_has_numbers_of_its_own() -> None:
    assert len({bits(purpose) for purpose in PURPOSES}) == len(PURPOSES)
    drawn = {int(host_generator(*purpose).integers(2**60)) for purpose in PURPOSES}
    assert len(drawn) == len(PURPOSES)


def test_the_numbers_are_those_of_every_process_and_version() -> None:
    """Written down once: hashes of texts that change with the process would show here."""
    assert int(host_generator(0, "tasks", 1).integers(1000)) == 588
    assert bits((0, "tasks", 1)) == (899170536, 3066872771)
