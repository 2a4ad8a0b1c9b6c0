"""The records of the sandbox: limits, checks, outcomes and judgements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

Status = Literal["returned", "raised", "timeout", "memory", "output", "killed", "refused", "broken"]
Verdict = Literal["diverges", "same", "invalid", "unstable"]
Policy = Literal["python", "strict"]
Exceptions = Literal["arguments", "type", "refuse"]
Observation = Literal["arguments", "output"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
POLICIES: tuple[Policy, ...] = get_args(Policy)
EXCEPTIONS: tuple[Exceptions, ...] = get_args(Exceptions)
OBSERVATIONS: tuple[Observation, ...] = get_args(Observation)


class SandboxError(Exception):
    """The sandbox itself cannot do what was asked; never raised for what a program does."""


@dataclass(frozen=True)
class Limits:
    """What one execution may use. A run at the confirm limits repeats a claimed divergence.

    cpu_s: CPU seconds of a first run. confirm_cpu_s: the same for a repeat; at least 4 times
    cpu_s, so that a time-out is only ever counted far from the limit. wall_s: seconds of wall
    time, the backstop for programs that sleep. memory_mb, confirm_memory_mb: MiB of address
    space beyond what the idle interpreter holds. recursion, confirm_recursion: Python frames.
    output_bytes: bytes of the canonical encoding of a result. program_bytes, input_bytes: UTF-8
    bytes of one program and of one input. items: how many items of a returned iterator are
    looked at. sweep_cpu_s: CPU seconds of one input of a sweep. sweep_timeouts: how many inputs
    of one sweep may run out of time before the rest of it is given up.
    """

    cpu_s: float = 0.25
    confirm_cpu_s: float = 2.5
    wall_s: float = 10.0
    memory_mb: int = 256
    confirm_memory_mb: int = 1024
    recursion: int = 1000
    confirm_recursion: int = 8000
    output_bytes: int = 16_000_000
    program_bytes: int = 100_000
    input_bytes: int = 100_000
    items: int = 10_000
    sweep_cpu_s: float = 0.1
    sweep_timeouts: int = 3

    def __post_init__(self) -> None:
        """Refuse limits under which no verdict could be sound."""
        for name, value in asdict(self).items():
            if not value > 0:
                raise SandboxError(f"Limits.{name}: expected a number above 0, got {value!r}")
        if self.confirm_cpu_s < 4 * self.cpu_s:
            raise SandboxError(
                f"Limits.confirm_cpu_s: expected at least 4 x cpu_s = {4 * self.cpu_s}, "
                f"got {self.confirm_cpu_s}; raise it or lower cpu_s"
            )
        if self.confirm_memory_mb < self.memory_mb or self.confirm_recursion < self.recursion:
            raise SandboxError("Limits: a confirm limit must not be below its first limit")


@dataclass(frozen=True)
class Check:
    """One question: does `variant` differ from `original` on `input`?

    input is the text of a dict literal, the keyword arguments of one call of entry_point.
    """

    id: str
    entry_point: str
    original: str
    variant: str
    input: str


@dataclass(frozen=True)
class Outcome:
    """What one program did on one input.

    value: for people, the returned value as text (status `returned`). error: for people, the
    exception or the reason of any other status. encoding: canonical text, equal exactly when the
    outcomes are (up to `compare`); None when nothing comparable was observed. wall_s and
    cpu_s: seconds of this run. repeats: how many runs gave this outcome.
    """

    status: Status
    value: str | None = None
    error: str | None = None
    encoding: str | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    repeats: int = 1

    def to_json(self) -> dict[str, object]:
        """Return the outcome in the shape of the command line's output."""
        said = {"value": self.value} if self.status == "returned" else {"error": self.error}
        timing = {"wall_s": round(self.wall_s, 6), "repeats": self.repeats}
        return {"status": self.status, **said, **timing}


@dataclass(frozen=True)
class Judgement:
    """The verdict on one check, why, the two outcomes it rests on, and how to get it again."""

    id: str
    verdict: Verdict
    reason: str
    original: Outcome | None = None
    variant: Outcome | None = None
    receipt: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Return the judgement in the shape of the command line's output."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "reason": self.reason,
            "original": self.original and self.original.to_json(),
            "variant": self.variant and self.variant.to_json(),
        }
