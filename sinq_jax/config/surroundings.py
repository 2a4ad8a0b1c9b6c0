"""The sections of a config around the game: the sandbox, measuring, saving, asking a model.

Like those in ``sections.py``: to add, drop or rename a setting, change its one line here.
"""

from dataclasses import dataclass
from typing import Literal

from sinq_jax.config.schema import setting


@dataclass(frozen=True)
class Sandbox:
    """Limits of one execution of a program."""

    workers: int = setting(
        0, "worker processes; 0: one for each core", "processes", low=0, free=True
    )
    cpu_s: float = setting(0.25, "first limit of CPU time", "seconds", above=0)
    confirm_cpu_s: float = setting(
        2.5, "limit of CPU time where the verdict depends on a time-out", "seconds", above=0
    )
    memory_mb: int = setting(256, "limit of memory", "MiB", low=16)
    output_kb: int = setting(64, "limit of an outcome's size", "KiB", low=1)
    policy: Literal["python", "strict"] = setting(
        "python", "when values are equal: as == says, or only with types, -0.0 and order alike"
    )
    require: tuple[str, ...] = setting(
        (),
        "layers of protection without which nothing runs; see python -m sandbox doctor",
        free=True,
    )


@dataclass(frozen=True)
class Benchmark:
    """Measuring on the held-out pairs."""

    pairs: int = setting(400, "held-out pairs", "pairs", low=1)
    samples: int = setting(4, "answers for each pair", "samples", low=1)
    originals: int = setting(
        128, "held-out originals for the generator to write variants of", "programs", low=1
    )
    inputs: int = setting(64, "inputs tried to measure a divergence density", "inputs", low=1)
    every_rounds: int = setting(50, "rounds from one measurement to the next", "rounds", low=1)
    equivalent_pairs: int = setting(
        0, "held-out equivalent pairs, for balanced accuracy; 0: not measured", "pairs", low=0
    )


@dataclass(frozen=True)
class Sample:
    """What the job ``sample`` asks a model. How it draws is said under rollout."""

    prompt: str = setting("", "a text to go on with, or a message with prompts.chat", free=True)
    file: str = setting(
        "",
        "a JSONL file of questions, or - for standard input: texts, chats, originals, pairs",
        free=True,
    )
    role: Literal["generator", "evaluator"] = setting(
        "evaluator", "the player that answers texts and chats", free=True
    )
    samples: int = setting(1, "completions of each question", "samples", low=1, free=True)
    new_tokens: int = setting(512, "longest completion", "tokens", low=1, free=True)
    stop: tuple[str, ...] = setting((), "texts that end a completion, not part of it", free=True)
    out: str = setting("", "a JSONL file for the completions; empty: none", free=True)


@dataclass(frozen=True)
class Checkpoint:
    """When the state of a run is saved."""

    every_rounds: int = setting(10, "rounds from save to save", "rounds", low=1, free=True)
    every_steps: int = setting(500, "warm-start steps from save to save", "steps", low=1, free=True)
    keep: int = setting(2, "newest checkpoints that are kept", "checkpoints", low=1, free=True)
