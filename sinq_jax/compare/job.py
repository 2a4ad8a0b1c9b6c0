"""The compare job: from the workdirs of finished runs to tables, a page and a JSON file."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sinq_jax.compare.arms import Arm, load_arms
from sinq_jax.compare.contrasts import Contrast, contrasts, sentence
from sinq_jax.compare.curves import harvest_table, success_table
from sinq_jax.compare.page import compare_page
from sinq_jax.compare.significance import Tested
from sinq_jax.compare.tables import arms_table, contrasts_table, seeds_table
from sinq_jax.report import as_text
from sinq_jax.report.written import write_text
from sinq_jax.statistics import Estimate

PAGE, NUMBERS = "compare.html", "compare.json"


def compare(workdirs: Sequence[Path], out: Path) -> None:
    """Compares the runs; prints, and writes ``compare.html`` and ``compare.json`` into ``out``.

    Raises ``CompareError`` for runs that cannot be compared, ``ReportError`` where the disk
    refuses.
    """
    arms = load_arms(workdirs)
    found = contrasts(arms)
    print(as_told(arms, found))
    for name, text in (
        (PAGE, compare_page(arms, found)),
        (NUMBERS, json.dumps(as_numbers(arms, found), indent=2, allow_nan=False) + "\n"),
    ):
        write_text(out / name, text)
        print(out / name)


def as_told(arms: Sequence[Arm], found: Sequence[Contrast]) -> str:
    """The comparison as text: the tables, then what they show."""
    tables = [arms_table(arms), seeds_table(arms), success_table(arms), harvest_table(arms)]
    parts = [as_text(table) for table in tables if table]
    if found:
        parts += [as_text(contrasts_table(found))]
        parts += ["\n".join(sentence(each, len(found)) for each in found)]
    return "\n\n".join(parts) + "\n"


def as_numbers(arms: Sequence[Arm], found: Sequence[Contrast]) -> dict[str, Any]:
    """The comparison as JSON; null where a number cannot be said."""
    return {
        "arms": [
            {
                "label": arm.label,
                "control": arm.control,
                "steps": sorted(arm.steps),
                "runs": [
                    {
                        "workdir": str(run.files.path),
                        "seed": seed,
                        "warm_start": float(run.sampled(run.warm).mean()),
                        "end": float(run.sampled(run.last).mean()),
                    }
                    for seed, run in arm.runs.items()
                ],
            }
            for arm in arms
        ],
        "contrasts": [_contrast(each, len(found)) for each in found],
    }


def _contrast(each: Contrast, among: int) -> dict[str, Any]:
    greedy = each.greedy
    return {
        "arm": each.arm.label,
        "reference": each.reference.label,
        "equal_steps": each.equal_steps,
        "differences": {str(seed): value for seed, value in each.differences.items()},
        "over_seeds": _test(each.seeds),
        "adjusted_p": _number(each.adjusted),
        "sign_flip_p": _number(each.flips),
        "over_pairs": each.items and _test(each.items),
        "greedy": greedy
        and {"won": greedy.only_after, "lost": greedy.only_before, "p": _number(greedy.p)},
        "shown": each.shown,
        "sentence": sentence(each, among),
    }


def _test(test: Tested) -> dict[str, Any]:
    return {"p": _number(test.p), **_estimate(test.difference)}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {name: _number(value) for name, value in vars(estimate).items()}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
