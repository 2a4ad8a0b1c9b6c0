"""What a checkpoint got, as files beside its records: Markdown, JSON, and what other tools read."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sinq_jax.benchmarks.suites.comparison import compare
from sinq_jax.benchmarks.suites.figures import Figure, figures, reasons
from sinq_jax.benchmarks.suites.harness import write_harness
from sinq_jax.benchmarks.suites.records import Record, RecordError, read_records
from sinq_jax.benchmarks.suites.table import Table, comparison_table, figures_table
from sinq_jax.report.published import FOLDER, Results, Rows, write_results
from sinq_jax.report.written import write_text

MARKDOWN = "results.md"
HARNESS = "harness"
"""The folder of what lm-evaluation-harness and EvalPlus read."""


def point(number: int | None) -> str:
    """The name of the folder of a checkpoint: after how many rounds, None for one of no run."""
    return "model" if number is None else f"round-{number:06d}"


def earliest(workdir: Path, folder: Path) -> Path | None:
    """The folder of the first checkpoint of this run that was measured, None where it is this."""
    found = sorted((workdir / FOLDER).glob("round-*"))
    return found[0] if found and found[0] != folder else None


def write_all(
    folder: Path,
    model: str,
    number: int | None,
    against: Path | None,
    seconds: Mapping[str, float],
) -> str:
    """Writes what all records in ``folder``, of one checkpoint, say, and returns the Markdown.

    With ``against``, a folder of records, what both have is compared item by item. Raises
    ``RecordError`` for records that cannot be counted or compared, ``ReportError`` when the disk
    refuses.
    """
    records = records_in(folder)
    found = figures(records)
    shown, compared = figures_table(found), None
    if against is not None:
        compared = _compared(against, records)
    text = [f"# {model}", shown.markdown()]
    if compared is not None:
        text += [f"Compared with {against}, item by item:", compared.markdown()]
    text.append("\n".join(f"- {name}: {reason}: {n:,}" for name, reason, n in reasons(records)))
    if seconds:
        spent = ", ".join(f"{name} {s:.1f} s" for name, s in seconds.items())
        text.append(f"Time of what the last command asked: {spent}")
    markdown = "\n\n".join(part for part in text if part) + "\n"
    results = Results(
        model,
        number,
        _rows(shown),
        None if compared is None else str(against),
        None if compared is None else _rows(compared),
        dict(seconds),
        tuple(map(_plain, found)),
    )
    write_results(folder, results)
    write_text(folder / MARKDOWN, markdown)
    _write_harness(folder, records, model)
    return markdown


def records_in(folder: Path) -> list[Record]:
    """All records of a folder. Raises ``RecordError`` where there are none."""
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise RecordError(
            f"{folder}: expected records of benchmarks (NAME.jsonl), got none; name the folder "
            "that --job=benchmark wrote"
        )
    return [record for path in paths for record in read_records(path)]


def _compared(against: Path, records: Sequence[Record]) -> Table | None:
    """What both have; None where that is nothing."""
    before = records_in(against)
    here = {(record.benchmark, record.data) for record in records}
    common = [record for record in before if (record.benchmark, record.data) in here]
    return comparison_table(compare(common, records)) if common else None


def _rows(table: Table) -> Rows:
    return Rows(table.head, table.rows)


def _write_harness(folder: Path, records: Sequence[Record], model: str) -> None:
    """Replaces what was written before; dated by the newest records, so that to repeat a command
    changes nothing.
    """
    newest = max(path.stat().st_mtime for path in folder.glob("*.jsonl"))
    shutil.rmtree(folder / HARNESS, ignore_errors=True)
    write_harness(folder / HARNESS, records, model, datetime.fromtimestamp(newest, UTC))


def _plain(figure: Figure) -> dict[str, Any]:
    return {**asdict(figure), "estimate": asdict(figure.estimate)}
