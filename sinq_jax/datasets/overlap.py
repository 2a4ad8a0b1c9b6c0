"""Programs that also stand in a benchmark: what is learned from must not be what is measured on."""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.syntax import parse
from sinq_jax.datasets.errors import DatasetError
from sinq_jax.datasets.lines import lines_of
from sinq_jax.datasets.parts import Parts
from sinq_jax.programs.normal_form import normal_form
from sinq_jax.programs.program import Skipped

LEARNED_FROM = ("train", "validation")


@dataclass(frozen=True)
class Overlap:
    """A program of a split that a benchmark holds too, at ``where`` (file:line)."""

    split: str
    program: str
    where: str


def overlaps(parts: Parts, files: Iterable[Path]) -> list[Overlap]:
    """Every program one of whose functions stands in one of the files, however it is laid out,
    documented and named; the first place is told.

    Files are JSONL, also gzipped, whose records hold Python under ``code``, or under ``prompt`` and
    ``canonical_solution``. Raises ``DatasetError`` for a file that cannot be read or holds neither.
    """
    places: dict[str, str] = {}
    for path in files:
        for where, text in _texts(path):
            for form in _forms(text):
                places.setdefault(form, where)
    found = []
    for split, programs in parts.splits.items():
        for program in programs:
            known = [places[form] for form in _forms(program.source) if form in places]
            if known:
                found.append(Overlap(split, program.name, known[0]))
    return found


def without(parts: Parts, found: Iterable[Overlap]) -> Parts:
    """The parts without those programs to learn from that were found; what is held out stays."""
    gone = {each.program: each.where for each in found if each.split in LEARNED_FROM}
    splits = {
        name: tuple(p for p in programs if name not in LEARNED_FROM or p.name not in gone)
        for name, programs in parts.splits.items()
    }
    reasons = tuple(Skipped(name, f"stands in {where} too") for name, where in gone.items())
    return Parts(splits, (*parts.skipped, *reasons))


def _forms(source: str) -> list[str]:
    """The normal forms of the functions in a text; none of one that does not parse."""
    try:
        functions = [node for node in parse(source).body if isinstance(node, ast.FunctionDef)]
    except SyntaxError:
        return []
    return [normal_form(ast.unparse(function)) for function in functions]


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = lines_of(path)
    except (OSError, EOFError) as error:
        raise DatasetError(
            f"{path}: expected a benchmark's JSONL file, got {error}; check --against"
        ) from error
    found = False
    for number, line in enumerate(lines, start=1):
        if line.strip() and (text := _code(line)):
            found = True
            yield f"{path.name}:{number}", text
    if not found:
        raise DatasetError(
            f"{path}: expected records with code, or prompt and canonical_solution, got none; "
            "leave it out of --against"
        )


def _code(line: bytes) -> str:
    """The program in a record; empty where there is none."""
    try:
        record: Mapping[str, Any] = json.loads(line)
        if "canonical_solution" in record:
            return str(record["prompt"]) + str(record["canonical_solution"])
        return str(record.get("code", ""))
    except (ValueError, KeyError, AttributeError):
        return ""
