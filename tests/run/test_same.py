"""Comparing two runs: whatever differs is named, and times are not compared."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sinq_jax.checkpoint import CheckpointError
from sinq_jax.game.store import GameStore
from sinq_jax.metrics import ItemLog, read_items
from sinq_jax.same import differences, main


def change_metrics(workdir: Path) -> None:
    lines = (workdir / "metrics.jsonl").read_text().splitlines()
    row = json.loads(lines[2]) | {"learning/rate": 0.25}
    lines[2] = json.dumps(row)
    (workdir / "metrics.jsonl").write_text("\n".join(lines) + "\n")


def change_a_game(workdir: Path) -> None:
    with GameStore(workdir / "games.sqlite") as store:
        games = list(store.games(2))
        games[3] = replace(games[3], target=(games[3].target + 1) % 11)
        store.write_round(2, games)


def change_an_answer(workdir: Path) -> None:
    exam, measured = read_items(workdir)
    log = ItemLog(workdir)
    log.truncate_after(-1, 0)
    for each in measured:
        log.write(exam, replace(each, greedy=tuple(1 - one for one in each.greedy)))


def change_the_config(workdir: Path) -> None:
    record = json.loads((workdir / "config.json").read_text())
    record["config"]["seed"] = 7
    (workdir / "config.json").write_text(json.dumps(record))


def change_the_tokenizer(workdir: Path) -> None:
    (workdir / "data" / "tokenizer.json").write_text("[]")


def drop_the_last_checkpoint(workdir: Path) -> None:
    shutil.rmtree(max((workdir / "checkpoints").iterdir(), key=lambda path: int(path.name)))


CHANGES = {
    "config.json: seed: 0 -> 7": change_the_config,
    "data: tokenizer.json: ": change_the_tokenizer,
    "checkpoint: tick: 8 -> 7": drop_the_last_checkpoint,
    "metrics.jsonl: line 3 learning/rate: ": change_metrics,
    "held_out.jsonl: round 0 step 0: ": change_an_answer,
    "games.sqlite: round 2 game 3 target: ": change_a_game,
}


@pytest.mark.parametrize(("said", "change"), CHANGES.items(), ids=CHANGES)
def test_a_difference_is_named(
    undisturbed: Path, tmp_path: Path, said: str, change: Callable[[Path], None]
) -> None:
    workdir = shutil.copytree(undisturbed, tmp_path / "run")
    change(workdir)
    found = list(differences(undisturbed, workdir))
    assert found[0].startswith(said)
    assert {line.split(":")[0] for line in found} == {said.split(":")[0]}


def test_times_and_settings_without_influence_are_no_difference(
    undisturbed: Path, tmp_path: Path
) -> None:
    workdir = shutil.copytree(undisturbed, tmp_path / "run")
    record = json.loads((workdir / "config.json").read_text())
    record["config"]["sandbox"]["workers"] = 7
    (workdir / "config.json").write_text(json.dumps(record))
    rows = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    later = [json.dumps(row | {"wall_s": row["wall_s"] + 60}) for row in rows]
    (workdir / "metrics.jsonl").write_text("\n".join(later) + "\n")
    assert list(differences(undisturbed, workdir)) == []


def test_a_run_that_was_never_saved_is_not_alike(undisturbed: Path, tmp_path: Path) -> None:
    workdir = shutil.copytree(undisturbed, tmp_path / "run")
    shutil.rmtree(workdir / "checkpoints")
    with pytest.raises(CheckpointError, match="expected a checkpoint, found none"):
        list(differences(undisturbed, workdir))


def test_the_exit_status_tells_alike_from_different_from_unreadable(
    undisturbed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workdir = shutil.copytree(undisturbed, tmp_path / "run")
    change_metrics(workdir)

    def compared(second: Path) -> tuple[int, int, int]:
        monkeypatch.setattr(sys, "argv", ["same", str(undisturbed), str(second)])
        status = main()
        said = capsys.readouterr()
        return status, len(said.out.splitlines()), len(said.err.splitlines())

    assert compared(undisturbed) == (0, 1, 0)
    assert compared(workdir) == (1, 1, 0)
    assert compared(tmp_path) == (2, 0, 1)
