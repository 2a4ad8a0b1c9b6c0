"""Receipts: a line of JSON per proof, with all that is needed to check its verdict again."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sandbox import Outcome
from sinq_jax.audit.judging import Audit, Judged


def receipts(audit: Audit) -> Iterator[str]:
    """Yield the lines. They hold no measured time, so the same files give the same lines.

    Each is also a question to ``python -m sandbox check``, which answers with the verdict again:
    ``id, entry_point, original, variant, input`` are as it wants them.
    """
    for judged in audit.judged:
        yield json.dumps(_receipt(judged, audit)) + "\n"


def _receipt(judged: Judged, audit: Audit) -> dict[str, Any]:
    proof, judgement = judged.proof, judged.judgement
    return {
        "id": proof.id,
        "entry_point": proof.entry_point,
        "original": proof.original,
        "variant": proof.variant,
        "input": proof.input,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "finding": judged.finding.reason,
        "difficulty": judged.level,
        "rows": [{"place": row.place, "difficulty": row.level} for row in judged.rows],
        "outcomes": {
            "original": _outcome(judgement.original),
            "variant": _outcome(judgement.variant),
        },
        "conditions": dict(audit.conditions),
    }


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    """An outcome without its times; the digest is of the whole canonical value or exception, which
    the text for people may cut short.
    """
    if outcome is None:
        return None
    said = {key: value for key, value in outcome.to_json().items() if key != "wall_s"}
    whole = outcome.encoding
    digest = None if whole is None else hashlib.sha256(whole.encode("utf-8", "surrogatepass"))
    return {**said, "digest": digest and digest.hexdigest()[:16]}
