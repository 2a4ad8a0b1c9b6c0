"""What a run keeps of each held-out pair: read back as written, cut back, and held to one exam."""

from dataclasses import replace
from pathlib import Path

import pytest

from sinq_jax.metrics import Exam, ItemLog, Items, MetricsError, read_items

EXAM = Exam("abc", ("f/1", "f/1", "f/2"), 4)
ROWS = [
    Items(0, 0, (0, 4, 2), (0, 1, 1)),
    Items(0, 30, (1, 4, 2), (0, 1, 0)),
    Items(2, 34, *[(1,) * 3] * 2),
]


def written(workdir: Path) -> ItemLog:
    log = ItemLog(workdir)
    for row in ROWS:
        log.write(EXAM, row)
    return log


def test_measurements_come_back_as_they_were_written(tmp_path: Path) -> None:
    written(tmp_path)
    assert read_items(tmp_path) == (EXAM, ROWS)


def test_a_resume_drops_what_is_later_and_what_is_half_written(tmp_path: Path) -> None:
    log = written(tmp_path)
    with open(tmp_path / "held_out.jsonl", "a") as file:
        file.write('{"round":3,"st')
    assert read_items(tmp_path) == (EXAM, ROWS)
    log.truncate_after(0, 30)
    log.write(EXAM, ROWS[2])
    assert read_items(tmp_path) == (EXAM, ROWS)
    log.truncate_after(-1, 0)
    assert read_items(tmp_path) == (EXAM, [])


def test_another_exam_is_refused_in_one_line(tmp_path: Path) -> None:
    log = written(tmp_path)
    with pytest.raises(MetricsError, match="expected the held-out pairs of this run") as found:
        log.write(replace(EXAM, digest="abd"), ROWS[0])
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("content", ["", "[]\n", "{}\n", '{"exam": 1}\nnonsense\n'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "held_out.jsonl").write_text(content)
    with pytest.raises(MetricsError, match=r"held_out\.jsonl: expected an exam"):
        read_items(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MetricsError, match=r"held_out\.jsonl: expected a readable file"):
        read_items(tmp_path / "held_out.jsonl")
