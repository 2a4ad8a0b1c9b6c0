"""HumanEval's solutions as originals: its prompt and canonical solution, without the description.

What a program is for stands in the prompt's docstring. Players of the game see programs alone, so
the docstrings go.
"""

import ast
import json
from pathlib import Path

from sandbox.syntax import parse
from sinq_jax.datasets.errors import DatasetError
from sinq_jax.datasets.lines import lines_of
from sinq_jax.datasets.parts import Parts
from sinq_jax.programs.program import Program, Skipped, UnsuitableProgram
from sinq_jax.programs.records import program_from_record


def read_humaneval(path: Path) -> Parts:
    """One split ``test``, in the order of the file. Raises ``DatasetError`` for a file that cannot
    be read or has other keys.
    """
    programs: list[Program] = []
    skipped: list[Skipped] = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            code = without_docstrings(record["prompt"] + record["canonical_solution"])
            name = str(record["task_id"])
            programs.append(program_from_record({**record, "code": code}, name))
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f"{path}:{number}: expected a record of HumanEval, got {error!r}; use the file as "
                "it is published"
            ) from error
        except UnsuitableProgram as error:
            skipped.append(Skipped(name, str(error)))
    return Parts({"test": tuple(programs)}, tuple(skipped))


def without_docstrings(source: str) -> str:
    """The text without the docstrings of its functions; every other line stays as it is. Where a
    docstring was all there was, ``pass`` takes its place. Raises ``SyntaxError``.
    """
    lines = source.splitlines()
    for node in ast.walk(parse(source)):
        if not isinstance(node, ast.FunctionDef) or ast.get_docstring(node) is None:
            continue
        text = node.body[0]
        assert text.end_lineno is not None
        kept = f"{' ' * text.col_offset}pass" if len(node.body) == 1 else None
        for line in range(text.lineno - 1, text.end_lineno):
            lines[line] = ""
        lines[text.lineno - 1] = kept or "\0"
    return "\n".join(_joined(lines)) + "\n"


def _joined(lines: list[str]) -> list[str]:
    """The lines without those that stood for a docstring and the empty ones after it."""
    kept: list[str] = []
    gone = False
    for line in lines:
        gone = line == "\0" or (gone and not line.strip())
        if not gone:
            kept.append(line)
    return kept


def _lines(path: Path) -> list[bytes]:
    try:
        return lines_of(path)
    except (OSError, EOFError) as error:
        raise DatasetError(
            f"{path}: expected HumanEval's file, got {error}; check the path"
        ) from error
