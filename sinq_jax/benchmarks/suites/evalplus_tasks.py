"""Tasks of HumanEval+ and MBPP+ as EvalPlus's files describe them."""

from dataclasses import dataclass
from typing import Any

from sinq_jax.benchmarks.suites.data_file import Row
from sinq_jax.benchmarks.suites.evalplus_inputs import meant
from sinq_jax.benchmarks.suites.evalplus_rules import Rule


@dataclass(frozen=True)
class Task:
    """A problem: ``calls`` has the arguments of each call, those of the base tests first (there are
    ``base`` of them). ``solution`` is the canonical program.
    """

    name: str
    prompt: str
    solution: str
    rule: Rule
    calls: tuple[tuple[Any, ...], ...]
    base: int

    @property
    def entry_point(self) -> str:
        return self.rule.entry_point


def task_of(row: Row) -> Task:
    """The task that a row of EvalPlus's files describes."""
    name, entry = str(row["task_id"]), str(row["entry_point"])
    # One task of MBPP+ has an empty object where others have a list.
    given = [*row["base_input"], *row["plus_input"]]
    calls = tuple(tuple(meant(name, arguments)) for arguments in given)
    return Task(
        name,
        row["prompt"],
        row["prompt"] + row["canonical_solution"],
        Rule(name.partition("/")[0], entry, float(row["atol"])),
        calls,
        len(row["base_input"]),
    )
