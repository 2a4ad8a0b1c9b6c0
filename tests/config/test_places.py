"""Claims about the flags of a run of several processes: all of them or none, and in bounds."""

import pytest

from sinq_jax.config import ConfigError
from sinq_jax.config.flags import parse
from sinq_jax.config.places import AUTO, Place

CONFIG = "--config=configs/tiny.py"
THREE = {"coordinator": "10.0.0.1:8476", "processes": "4", "process": "3"}


def flags(**values: str) -> list[str]:
    return [CONFIG, *(f"--{name}={value}" for name, value in values.items())]


def test_without_flags_a_run_is_one_process() -> None:
    assert parse([CONFIG]).places is None


def test_three_flags_say_which_process_this_is() -> None:
    assert parse(flags(**THREE)).places == Place("10.0.0.1", 8476, 4, 3)
    six = parse(flags(**THREE | {"coordinator": "[fe80::1]:80"}))
    assert six.places == Place("fe80::1", 80, 4, 3)


def test_the_surroundings_can_be_asked_instead() -> None:
    assert parse(flags(processes="auto")).places == AUTO


WRONG = {
    "one is missing": (
        {name: value for name, value in THREE.items() if name != "process"},
        "--process: expected --coordinator, --processes and --process together, got none; ",
    ),
    "beside auto": (
        THREE | {"processes": "auto"},
        "--coordinator: expected none beside --processes=auto, ",
    ),
    "no port": (
        THREE | {"coordinator": "10.0.0.1"},
        "--coordinator: expected HOST:PORT of the first process, got '10.0.0.1'; ",
    ),
    "not that many": (THREE | {"process": "4"}, "--process: expected a number from 0 to 3, got "),
    "none at all": (THREE | {"processes": "0"}, "--processes: expected a number from 1, got '0'; "),
    "a word": (THREE | {"process": "last"}, "--process: expected a number from 0 to 3, got 'last'"),
    "another job": (
        THREE | {"job": "sample"},
        "--processes: expected one process for --job=sample, got several; ",
    ),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_flags_that_do_not_fit_together_are_one_line(given: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(flags(**given))
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
