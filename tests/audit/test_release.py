"""Claims about the release itself: what it holds, and how little its hardest proofs prove."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from sinq_jax.audit.judging import audit
from sinq_jax.audit.proofs import Proof
from sinq_jax.audit.reading import read_files
from sinq_jax.audit.table import by_difficulty, reasons
from sinq_jax.config.files import REPOSITORY
from tests.audit.scene import write_lines

DATA = Path(os.environ.get("SINQ_DATA", REPOSITORY / ".." / "shared" / "data"))
RELEASE = DATA / "sinq_release"
PAIRS = RELEASE / "alice_pairs.jsonl.gz"

pytestmark = pytest.mark.skipif(
    not PAIRS.exists(),
    reason="needs sinq_release/: set SINQ_DATA to the folder that holds it",
)


def pairs() -> list[dict[str, Any]]:
    with gzip.open(PAIRS, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_the_release_is_read_to_the_last_row() -> None:
    sources = read_files(sorted(RELEASE.glob("finetuning*.jsonl")))
    assert [len(source.rows) for source in sources] == [441, 147, 413, 631, 827]
    assert [source.faults for source in sources] == [()] * 5
    levels: dict[Proof, set[int | None]] = {}
    for source in sources:
        for row in source.rows:
            levels.setdefault(row.proof, set()).add(row.level)
    assert len(levels) == 1210
    assert len({(proof.entry_point, proof.original) for proof in levels}) == 330
    (parsed,) = read_files([PAIRS])
    assert len(parsed.rows) == 1208
    assert all(row.level in levels[row.proof] for row in parsed.rows)


def test_of_the_proofs_called_hardest_more_than_a_quarter_prove_nothing(tmp_path: Path) -> None:
    hardest = [pair for pair in pairs() if pair["difficulty"] == 10]
    found = audit(read_files([write_lines(tmp_path / "hardest", *hardest)]))
    line = by_difficulty(found).lines[-1]
    assert (line.cells[0], *line.cells[3:]) == ("59", "0", "10", "6", "0")
    counts = {line.measure: line.cells[0] for line in reasons(found).lines}
    assert (counts["same: same exception"], counts["invalid: does not bind"]) == ("10", "6")
