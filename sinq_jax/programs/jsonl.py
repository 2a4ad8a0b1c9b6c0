"""JSONL files of programs, MBPP's own file among them."""

import json
from collections.abc import Iterator
from pathlib import Path

from sinq_jax.programs.program import (
    Program,
    ProgramSet,
    ProgramSourceError,
    Skipped,
    UnsuitableProgram,
)
from sinq_jax.programs.records import program_from_record
from sinq_jax.programs.splits import split

# MBPP's published splits by task id. Its test split is what we hold out; the ten prompt tasks are
# meant to be shown to a model and are not played with. Some programs of its train split stand in
# the other two under another name; they stay, because published figures count them.
MBPP_SPLITS = {
    "train": range(601, 975),
    "validation": range(511, 601),
    "held_out": range(11, 511),
    "prompt": range(1, 11),
}
MBPP_KEYS = frozenset(("task_id", "text", "code", "test_list", "test_setup_code"))


def read_jsonl(path: Path) -> ProgramSet:
    """The programs of a JSONL file in their splits, in the order of the file.

    A file with the keys of MBPP in every record is split by task id as MBPP is; any other one by
    program (``splits.split``). A line that gives no program is skipped with its number and the
    reason. Raises ``ProgramSourceError`` where ``path`` cannot be read.
    """
    records, skipped = _records(path)
    is_mbpp = bool(records) and all(record.keys() >= MBPP_KEYS for _, record in records)
    if not is_mbpp:
        return split([p for p, _ in _programs(path.stem, records, skipped)], skipped)
    parts = _mbpp(path.stem, records, skipped)
    skipped += [Skipped(program.name, "a prompt task of MBPP") for program in parts["prompt"]]
    return ProgramSet(parts["train"], parts["validation"], parts["held_out"], tuple(skipped))


def read_mbpp(path: Path) -> tuple[dict[str, tuple[Program, ...]], tuple[Skipped, ...]]:
    """The programs of MBPP's own file by the names in ``MBPP_SPLITS``, and what gave none. They are
    called ``mbpp/601`` and so on, whatever the file is called.

    Raises ``ProgramSourceError`` for a file that cannot be read, or holds other records.
    """
    records, skipped = _records(path)
    if not records or not all(record.keys() >= MBPP_KEYS for _, record in records):
        raise ProgramSourceError(
            f"{path}: expected MBPP's records, with {', '.join(sorted(MBPP_KEYS))}, got others; "
            "use the file as it is published"
        )
    return _mbpp("mbpp", records, skipped), tuple(skipped)


Records = list[tuple[str, dict[str, object]]]


def _records(path: Path) -> tuple[Records, list[Skipped]]:
    """The objects of a file, each with its place, and the lines that hold none."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ProgramSourceError(
            f"{path}: expected a JSONL file of programs, got: {reason}; check the path"
        ) from error
    records: Records = []
    skipped: list[Skipped] = []
    for number, line in enumerate(lines, start=1):
        where = f"{path}:{number}"
        if line.strip():
            record = _record(line)
            if isinstance(record, str):
                skipped.append(Skipped(where, record))
            else:
                records.append((where, record))
    return records, skipped


def _record(line: bytes) -> dict[str, object] | str:
    """The object in ``line``, or the reason why there is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    return record if isinstance(record, dict) else f"expected an object, got {line[:40]!r}"


def _mbpp(prefix: str, records: Records, skipped: list[Skipped]) -> dict[str, tuple[Program, ...]]:
    """The programs in MBPP's splits; a task that MBPP does not have is added to ``skipped``."""
    parts: dict[str, list[Program]] = {name: [] for name in MBPP_SPLITS}
    for program, record in _programs(prefix, records, skipped):
        task = record["task_id"]
        names = [name for name, tasks in MBPP_SPLITS.items() if task in tasks]
        if names:
            parts[names[0]].append(program)
        else:
            skipped.append(Skipped(program.name, f"no task id of MBPP: {task!r}"))
    return {name: tuple(programs) for name, programs in parts.items()}


def _programs(
    prefix: str, records: Records, skipped: list[Skipped]
) -> Iterator[tuple[Program, dict[str, object]]]:
    """Each program with its record; what gives none is added to ``skipped``."""
    names: set[str] = set()
    for where, record in records:
        name = _name(prefix, where, record)
        try:
            program = program_from_record(record, name)
        except UnsuitableProgram as error:
            skipped.append(Skipped(where, str(error)))
            continue
        if name in names:
            skipped.append(Skipped(where, f"the name {name} is taken"))
            continue
        names.add(name)
        yield program, record


def _name(prefix: str, where: str, record: dict[str, object]) -> str:
    given = record.get("name", record.get("task_id", record.get("id")))
    if isinstance(given, str) and "/" in given:
        return given
    number = where.rpartition(":")[2]
    return f"{prefix}/{given if isinstance(given, int | str) else number}"
