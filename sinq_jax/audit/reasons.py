"""Why a proof holds or does not, in phrases that can be counted.

The sandbox's reasons are kept, and made finer where readers of published games ask for more:
whether only the message differs, what two equal outcomes were, what stands where a literal should,
and whether it is P itself that cannot be judged.
"""

import ast
import warnings
from dataclasses import dataclass

from sandbox import Judgement
from sandbox.records import Verdict

MESSAGE_ONLY = "only the message differs"
SAME_EXCEPTION = "same exception"
RECURSION_ARTEFACT = "recursion artefact"
SANDBOX_BROKE = "the sandbox broke"
DIFFERENT_EXCEPTIONS = "different exceptions"
AT_LONGER_LIMITS = "same outcome at longer limits"
NOT_A_LITERAL = "not a dict literal"
_FIRST_AGAINST = {"returned": "returns", "raised": "raises", "timeout": "does not halt"}


@dataclass(frozen=True)
class Finding:
    """The sandbox's verdict on a proof and the audit's reason for it."""

    verdict: Verdict
    reason: str

    @property
    def holds(self) -> bool:
        """Whether the programs were seen to differ, twice."""
        return self.verdict == "diverges"

    @property
    def disputed(self) -> bool:
        """Whether a reader may want to see it: it does not hold, or by a message alone."""
        return not self.holds or self.reason == MESSAGE_ONLY


def finding(judgement: Judgement, given: str, *, same_type: bool, recursion: bool) -> Finding:
    """Return the finding for a judgement on the input ``given``.

    ``same_type`` says whether comparing exceptions by type alone gives `same`; ``recursion``
    whether a RecursionError at the first limits is what set the programs apart.
    """
    verdict, reason = judgement.verdict, judgement.reason
    if broken(judgement):
        return Finding("unstable", SANDBOX_BROKE)
    if verdict == "diverges":
        return Finding(verdict, MESSAGE_ONLY if same_type else _difference(reason))
    if reason == "same outcome" and judgement.original is not None:
        raised = judgement.original.status == "raised"
        return Finding(verdict, SAME_EXCEPTION if raised else "same value")
    if reason == AT_LONGER_LIMITS and recursion:
        return Finding(verdict, RECURSION_ARTEFACT)
    if reason == NOT_A_LITERAL:
        return Finding(verdict, f"input is {what_stands(given)}")
    if reason.startswith("original: "):
        return Finding(verdict, f"P itself fails: {reason.removeprefix('original: ')}")
    return Finding(verdict, reason)


def broken(judgement: Judgement) -> bool:
    """Say whether the sandbox failed at a check, which then says nothing about the proof."""
    return any(
        o is not None and o.status == "broken" for o in (judgement.original, judgement.variant)
    )


def what_stands(given: str) -> str:
    """Say what a text is that is no dict literal with text keys."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(given.strip(), mode="eval")
            value = ast.literal_eval(tree)
    except (SyntaxError, MemoryError, RecursionError):
        return "no Python expression"
    except (ValueError, TypeError):
        return "an expression, no literal"
    return "a dict with other keys than names" if isinstance(value, dict) else "no dict"


def _difference(reason: str) -> str:
    """Say of ``raised against returned`` which program did which."""
    p, against, q = reason.partition(" against ")
    if not against:
        return reason
    return f"P {_FIRST_AGAINST.get(p, p)}, Q {_FIRST_AGAINST.get(q, q)}"
