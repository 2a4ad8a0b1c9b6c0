"""The section of a config about published benchmarks: for the job that measures a checkpoint, and
for measurements inside a run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sinq_jax.config.schema import setting


@dataclass(frozen=True)
class Suites:
    """Published benchmarks: which, on what data, and how a model is asked."""

    names: tuple[str, ...] = setting(
        (),
        "benchmarks to measure inside the run (python -m sinq_jax.benchmarks.suites list); none: "
        "only when --job=benchmark asks",
    )
    every_rounds: int = setting(
        50,
        "rounds from one of these measurements to the next; there are two more, before the first "
        "round and after the last",
        "rounds",
        low=1,
    )
    samples: int = setting(
        0, "completions of each item; 0: as many as its protocol says", "samples", low=0
    )
    prompt_tokens: int = setting(
        2048, "longest prompt; a longer one loses its beginning, and is counted", "tokens", low=64
    )
    new_tokens: int = setting(0, "longest completion; 0: what its protocol says", "tokens", low=0)
    role: Literal["generator", "evaluator"] = setting("evaluator", "the player that is asked")
    data: str = setting(
        "data/benchmarks",
        "the folder of the data files; what is missing there is downloaded",
        free=True,
    )
    against: str = setting(
        "",
        "a folder of records of another checkpoint to compare with; empty: the first in the same "
        "workdir",
        free=True,
    )


def suites_conflicts(suites: Suites) -> Iterator[str]:
    """Yield ``field: expected X, got Y; what to do`` for every broken rule."""
    if len(set(suites.names)) < len(suites.names):
        yield (
            f"suites.names: expected each benchmark once, got {','.join(suites.names)}; "
            "correct the list"
        )
