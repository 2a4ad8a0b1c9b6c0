import random
from itertools import pairwise

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.candidates import completed, steady
from sinq_jax.benchmarks.suites.execution import passed

PROMPT = "import math\n\ndef g(x):\n    return x + 1\n\ndef f(x):\n    '''Twice x.'''\n"
BODY = "    return 2 * x\n"
WHOLE = f"def f(x):\n{BODY}"


@pytest.mark.parametrize(
    "completion",
    [
        BODY,
        WHOLE,
        f"Here it is.\n\n```python\n{WHOLE}```\nDone.",
        f"```python\n{WHOLE}",
        f"```\nprint('no')\n```\n```python\n{WHOLE}```",
        f"{BODY}\n# That was it.\nraise ValueError",
        f"{BODY}\nprint(f(1) / 0)",
        f"```python\n{BODY}```",
        "def h(x):\n    return 2 * x\n\ndef f(x):\n    return h(g(x) - 1)\n",
    ],
)
def test_every_way_to_write_a_solution_becomes_a_program(completion: str, judge: Sandbox) -> None:
    program = completed(PROMPT, completion, "f")
    [outcome] = passed(judge, [f"{program}\nassert f(3) == 6 and g(1) == 2"])
    assert outcome.status == "returned", (outcome.error, program)


def test_a_solution_that_repeats_the_whole_prompt_stays_as_it_is() -> None:
    assert completed(PROMPT, PROMPT + BODY, "f") == PROMPT + BODY


def test_programs_that_draw_random_numbers_draw_the_same_each_time(judge: Sandbox) -> None:
    draws = """
import random as r, math
from random import randint, shuffle as mix
def drawn():
    items = [1, 2, 3, 4, 5]
    mix(items)
    assert sorted(items) == [1, 2, 3, 4, 5]
    assert sorted(r.sample(items, 2))[0] in items and r.choice(items) in items
    rng = r.Random(42)
    numbers = [rng.randint(-2, 2) for _ in range(200)]
    assert set(numbers) == {-2, -1, 0, 1, 2}
    assert numbers == [r2.randint(-2, 2) for r2 in [r.Random(42)] for _ in range(200)]
    assert all(0 <= r.random() < 1 <= r.uniform(1, 2) < 2 for _ in range(99))
    assert {r.randrange(0, 9, 3) for _ in range(99)} == {0, 3, 6}
    return numbers
drawn(), math.pi
"""
    refused, allowed = passed(judge, [draws, steady(draws)])
    assert refused.status == "refused"
    assert allowed.status == "returned", allowed.error


def test_the_steady_generator_is_no_worse_than_it_has_to_be() -> None:
    space: dict[str, random.Random] = {}
    exec(steady("import random"), space)
    numbers = [space["random"].random() for _ in range(10_000)]
    # The mean of 10,000 uniform numbers has a standard error of 0.0029.
    assert abs(sum(numbers) / len(numbers) - 0.5) < 0.012
    rising = sum(a < b for a, b in pairwise(numbers))
    assert abs(rising / len(numbers) - 0.5) < 0.012


@pytest.mark.parametrize("source", ["def f(:", "import math", "randoms = 'import random'"])
def test_what_draws_no_random_numbers_stays_as_it_is(source: str) -> None:
    assert steady(source) == source
