"""What of the published games is kept: proofs that hold, of variants that somebody can tell apart.

Every input is judged again by the audit, the writer's own and those that answers found.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sandbox import Limits, Sandbox
from sinq_jax.audit import audit
from sinq_jax.audit.proofs import Proof, Row, Source
from sinq_jax.audit.reasons import Finding
from sinq_jax.game.published import Published
from sinq_jax.intake.riddles import riddles
from sinq_jax.progress import Progress


@dataclass(frozen=True)
class Intake:
    """What was kept, each variant once and in the order of reading, and what was not.

    ``read`` counts different variants; ``left_out`` those not kept, by reason; ``disproved`` the
    inputs that answers were said to have found for proven variants, and that do not hold;
    ``broken`` the proofs that the sandbox failed at.
    """

    sources: Sequence[Source]
    kept: tuple[Published, ...]
    read: int
    left_out: Mapping[str, int]
    disproved: int
    broken: int


def take_in(
    sources: Sequence[Source],
    *,
    workers: int | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Return what is kept of what was read; ``workers`` None means one for each core.

    Raises SandboxError when the sandbox cannot work here as asked.
    """
    read = distinct(row.published for source in sources for row in source.rows)
    claims = [replace(source, rows=_every_claim(source)) for source in sources]
    judged = audit(claims, workers=workers, limits=limits, progress=progress)
    findings = {each.proof: each.finding for each in judged.judged}
    proven, left_out = [], Counter[str]()
    for published in read:
        own = findings[_proof(published, published.input)]
        if own.holds:
            proven.append(published)
        else:
            left_out[f"{own.verdict}: {own.reason}"] += 1
    confirmed = [_confirmed(published, findings) for published in proven]
    with Sandbox(workers, limits) as sandbox:
        suspect = riddles(sandbox, confirmed)
    left_out.update(f"suspect: {reason}" for reason in suspect.values())
    return Intake(
        sources,
        kept=tuple(each for place, each in enumerate(confirmed) if place not in suspect),
        read=len(read),
        left_out=left_out,
        disproved=_inputs(proven) - _inputs(confirmed),
        broken=judged.broken,
    )


def distinct(published: Iterable[Published]) -> list[Published]:
    """Return each proof with its analysis once, in order: at the first level that is told for it,
    with all the inputs that answers found.
    """
    found: dict[tuple[Proof, str], Published] = {}
    for each in published:
        key = (_proof(each, each.input), each.analysis)
        known = found.setdefault(key, each)
        level = each.level if known.level is None else known.level
        others = tuple(dict.fromkeys((*known.others, *each.others)))
        found[key] = replace(known, level=level, others=others)
    return list(found.values())


def _every_claim(source: Source) -> tuple[Row, ...]:
    """A row for each input that is said to tell a variant apart."""
    return tuple(
        Row(row.place, replace(row.published, input=text, others=()))
        for row in source.rows
        for text in (row.published.input, *row.published.others)
    )


def _confirmed(published: Published, findings: Mapping[Proof, Finding]) -> Published:
    """The variant with the inputs that hold. A level that rests on others is none."""
    others = tuple(text for text in published.others if findings[_proof(published, text)].holds)
    level = published.level if others == published.others else None
    return replace(published, level=level, others=others)


def _proof(published: Published, text: str) -> Proof:
    return Proof(published.entry_point, published.original, published.variant, text)


def _inputs(variants: Iterable[Published]) -> int:
    return sum(1 + len(each.others) for each in variants)
