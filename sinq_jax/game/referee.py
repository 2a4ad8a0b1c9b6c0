"""The referee admits variants and judges answers. The sandbox runs them; it runs nothing itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sandbox import Check, Judge, Judgement
from sinq_jax.game.quirks import JudgeKind, quirky_verdict
from sinq_jax.game.records import Ruling, Unparsed
from sinq_jax.programs.program import Program

_RECEIPTLESS: dict[str, object] = {}


@dataclass(frozen=True)
class Claim:
    """Somebody says that P and Q differ on an input."""

    program: Program
    variant: str
    input: str


def invalid(reason: str) -> Ruling:
    """The ruling on text that never reached the sandbox."""
    return Ruling("invalid", reason, _RECEIPTLESS)


def judge(
    sandbox: Judge, claims: Sequence[Claim | Unparsed], kind: JudgeKind = "sound"
) -> list[Ruling]:
    """One ruling per claim, in order; equal claims are run once. Text that did not parse is
    invalid, with its reason. With the quirky judge, rulings say beside the verdict what that one
    makes of the same outcomes.
    """
    unique = list(dict.fromkeys(claim for claim in claims if isinstance(claim, Claim)))
    judged = sandbox.check_all(_checks(unique))
    rulings = {
        claim: _by(kind, ruling_of(judgement), quirky_verdict(judgement))
        for claim, judgement in zip(unique, judged, strict=True)
    }
    return [
        rulings[claim] if isinstance(claim, Claim) else _by(kind, invalid(claim.reason), False)
        for claim in claims
    ]


def _by(kind: JudgeKind, ruling: Ruling, quirky: bool) -> Ruling:
    return ruling if kind == "sound" else replace(ruling, quirky=quirky)


def _checks(claims: Iterable[Claim]) -> list[Check]:
    return [
        Check(
            id=claim.program.name,
            entry_point=claim.program.entry_point,
            original=claim.program.source,
            variant=claim.variant,
            input=claim.input,
        )
        for claim in claims
    ]


def ruling_of(judgement: Judgement) -> Ruling:
    """The sandbox's judgement as a ruling, with the receipt to check it again."""
    outcomes = {
        "original": judgement.original and judgement.original.to_json(),
        "variant": judgement.variant and judgement.variant.to_json(),
    }
    return Ruling(judgement.verdict, judgement.reason, {**judgement.receipt, **outcomes})
