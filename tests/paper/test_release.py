"""The rules against the sets that the authors released: the same counts, level by level."""

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from sinq_jax.config.files import REPOSITORY
from sinq_jax.paper.rebalancing import rebalanced
from sinq_jax.paper.sets import EASY_SHARE, PREDICTION_EASY_SHARE

DATA = Path(os.environ.get("SINQ_DATA", REPOSITORY / ".." / "shared" / "data"))
RELEASE = DATA / "sinq_release"
ROUNDS = ("0_train_2", "1_train_0", "2_train_0")
"""The released sets with difficulty prediction."""

pytestmark = pytest.mark.skipif(
    not RELEASE.exists(),
    reason="needs sinq_release/: set SINQ_DATA to the folder that holds it",
)


@dataclass(frozen=True)
class Row:
    predicts: bool
    level: int
    task: str
    text: str


def released(name: str) -> list[Row]:
    """The rows of a file: whether they ask for the level, the level, and what was written."""
    path = RELEASE / f"finetuning_data_for_alice_{name}.jsonl"
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        texts = [message["content"] for message in json.loads(line)["messages"]]
        told, task = texts[1].split("\n", 1)
        predicts = len(texts) == 5
        level = re.search("[0-9]+", texts[4] if predicts else told)
        assert level is not None
        rows.append(Row(predicts, int(level[0]), task, texts[2]))
    return rows


@pytest.mark.parametrize("name", ROUNDS)
@pytest.mark.parametrize("predicts", [False, True], ids=["written", "predicted"])
def test_the_rules_give_the_released_sets_their_counts_and_repeats(
    name: str, predicts: bool
) -> None:
    rows = [row for row in released(name) if row.predicts is predicts]
    pool = sorted(set(rows), key=lambda row: (row.level, row.task, row.text))
    share = PREDICTION_EASY_SHARE if predicts else EASY_SHARE
    ours = Counter(rebalanced(pool, share, 0, ""))
    theirs = Counter(rows)
    assert ours.total() == theirs.total()
    for level in range(11):
        assert sorted(count for row, count in ours.items() if row.level == level) == sorted(
            count for row, count in theirs.items() if row.level == level
        ), level
