"""The checks that a comparison runs: from the built-in programs, or from a file."""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

from sandbox import Check, Sandbox
from sandbox.lines import parse_line
from sinq_jax.programs.builtin import load_builtin
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.mutation import mutants
from sinq_jax.programs.termination import loop_progress

VARIANTS = 3
ANSWERS = 10
INPUTS = 64
OTHER_NAMES = {"function_name": "entry_point", "program": "original", "diverging_input": "input"}


class PairsError(Exception):
    """A file of pairs that cannot be used; the message is one line."""


def built_in(count: int) -> list[Check]:
    """Return checks as play asks them: of each original a few mutants, of each 10 answers."""
    checks: list[Check] = []
    programs = load_builtin(0, count // (VARIANTS * ANSWERS) + 8, 0, 0).train
    for program in programs:
        rng = Random(program.name)
        progress = loop_progress(program.source)
        variants = [m.source for m in mutants(program) if loop_progress(m.source) == progress]
        inputs = enumerate_inputs(program, INPUTS, 0)
        for variant in rng.sample(variants, min(VARIANTS, len(variants))):
            for given in rng.choices(inputs, k=ANSWERS) if inputs else ():
                name = f"{program.name}/{len(checks)}"
                checks.append(Check(name, program.entry_point, program.source, variant, given))
    return checks[:count]


def from_file(path: Path) -> list[Check]:
    """Return the checks of a JSONL file, gzipped or not.

    Lines are those of `python -m sandbox check`; the names `function_name`, `program` and
    `diverging_input` of the published pairs are taken as well, and a missing id is the line's
    number. Raises PairsError.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return [_read(line, number) for number, line in enumerate(file, 1) if line.strip()]
    except (OSError, EOFError) as error:
        raise PairsError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    except ValueError as error:
        raise PairsError(
            f"{path}: {error}; expected the lines that `python -m sandbox check` reads"
        ) from None


def _read(line: bytes, number: int) -> Check:
    try:
        record = json.loads(line)
        record = {OTHER_NAMES.get(name, name): value for name, value in record.items()}
    except (ValueError, AttributeError):
        return parse_line(line, number)
    return parse_line(json.dumps({"id": number, **record}).encode(), number)


def without_hangs(sandbox: Sandbox, checks: Iterable[Check]) -> tuple[list[Check], float]:
    """Return the checks on which nothing runs out of time, and the share of them that diverge."""
    asked = [*checks]
    kept = []
    diverging = 0
    for check, judged in zip(asked, sandbox.check_all(asked), strict=True):
        outcomes = (judged.original, judged.variant)
        if judged.verdict != "invalid" and all(o and o.status != "timeout" for o in outcomes):
            kept.append(check)
            diverging += judged.verdict == "diverges"
    return kept, diverging / max(len(kept), 1)


def with_hangs(checks: list[Check], share: float) -> list[Check]:
    """Return the checks with this share of them, evenly spread, given a variant without end."""
    return [
        _hanging(check) if int((place + 1) * share) > int(place * share) else check
        for place, check in enumerate(checks)
    ]


def _hanging(check: Check) -> Check:
    tree = ast.parse(check.variant)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == check.entry_point:
            node.body[:0] = ast.parse("while True:\n    pass").body
    return replace(check, variant=ast.unparse(tree))
