"""Run untrusted Python programs, report what they did, and judge whether two of them differ."""

from sandbox.compare import same_outcome
from sandbox.face import Judge
from sandbox.pool import Sandbox
from sandbox.records import Check, Judgement, Limits, Outcome, SandboxError

__all__ = [
    "Check",
    "Judge",
    "Judgement",
    "Limits",
    "Outcome",
    "Sandbox",
    "SandboxError",
    "same_outcome",
]
