"""Claims about the files of an export: every game whole, the sets by the rules, nothing by half."""

import json
import re
import resource
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import run
from sinq_jax.config import Paper, Prompts
from sinq_jax.errors import SinqError
from sinq_jax.export.errors import ExportError
from sinq_jax.export.job import export, write_export
from sinq_jax.game.jsonl import read_games
from sinq_jax.game.published import published_game
from sinq_jax.game.release import published_chat
from sinq_jax.game.store import GameStore, StoreError
from sinq_jax.paper.sets import training_sets
from tests.export.scene import CONFIG, FORM, games, write_workdir

PLAYED = games()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_plain_lines_are_the_games_to_the_last_bit(workdir: Path) -> None:
    with (workdir / "export" / "games.jsonl").open(encoding="utf-8") as file:
        assert list(read_games(file)) == PLAYED


def test_the_chats_of_games_publish_every_proven_variant_in_the_release_s_layout(
    workdir: Path,
) -> None:
    chats = lines(workdir / "export" / "games.chat.jsonl")
    published = [each for each in map(published_game, PLAYED) if each is not None]
    assert len(published) == 19 + 2
    assert [published_chat(chat) for chat in chats] == [
        replace(each, others=()) for each in published
    ]
    assert published[0].analysis == "Adds 1.\n\n## More\n```python\n# Analysis\n```"


def test_the_sets_are_those_of_the_paper_in_the_words_of_the_run(workdir: Path) -> None:
    sets = training_sets(PLAYED, CONFIG.seed)
    folder = workdir / "export"
    written = lines(folder / "generator.chat.jsonl")
    assert [chat["messages"][0]["content"] for chat in written] == [
        FORM.generator_prompt(each.program, each.level) for each in sets.generator
    ]
    told = lines(folder / "prediction.chat.jsonl")
    assert len(told) == len(sets.prediction) == 2 * 10
    assert [message.get("weight") for message in told[0]["messages"]] == [None, 0, None, None]
    assert told[0]["messages"][-1]["content"] == "Difficulty level: 5"
    assert len(lines(folder / "evaluator.chat.jsonl")) == len(sets.evaluator)
    for row in lines(folder / "preferences.jsonl"):
        assert row.keys() == {"prompt", "chosen", "rejected"}
        assert [message["role"] for chat in row.values() for message in chat] == [
            *("user", "assistant", "assistant")
        ]


def test_the_sets_are_drawn_by_the_old_rule_where_the_config_asks_for_it(tmp_path: Path) -> None:
    quirky = replace(CONFIG, paper=Paper(reference_quirks=True))
    write_export(quirky, write_workdir(tmp_path))
    written = lines(tmp_path / "export" / "prediction.chat.jsonl")
    old = training_sets(PLAYED, CONFIG.seed, reference_quirks=True).prediction
    assert [chat["messages"][1]["content"] for chat in written] == [each.text for each in old]
    assert old != training_sets(PLAYED, CONFIG.seed).prediction


def test_exporting_again_replaces_the_folder_and_gives_the_same_files(tmp_path: Path) -> None:
    first = write_export(CONFIG, write_workdir(tmp_path))
    folder = tmp_path / "export"
    before = {path: path.read_bytes() for path in folder.glob("*.jsonl")}
    (folder / "left").write_text("from another time")
    assert write_export(CONFIG, tmp_path) == first
    assert {path: path.read_bytes() for path in folder.glob("*.jsonl")} == before
    assert [path.name for path in tmp_path.glob("export*")] == ["export"]
    assert not (folder / "left").exists()


def test_a_disk_that_refuses_costs_one_line_and_leaves_the_earlier_export(tmp_path: Path) -> None:
    write_export(CONFIG, write_workdir(tmp_path))
    file = tmp_path / "export" / "games.jsonl"
    before = file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) - 1, limits[1]))
    try:
        with pytest.raises(
            ExportError, match=r"export: expected to write there, got File too large"
        ):
            write_export(CONFIG, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob("export*")] == ["export"]


def test_a_workdir_without_games_or_config_or_of_other_prompts_is_one_clear_line(
    tmp_path: Path,
) -> None:
    with pytest.raises(ExportError, match=r"config\.json: expected the config of a run, got File"):
        write_export(CONFIG, tmp_path)
    write_workdir(tmp_path)
    other = replace(CONFIG, prompts=Prompts(style="edit"))
    with pytest.raises(ExportError, match=r"expected 'program'.*got 'edit'; give the config of"):
        write_export(other, tmp_path)
    with GameStore(tmp_path / "games.sqlite") as store:
        store.delete_after(-1)
    with pytest.raises(ExportError, match="expected games to export, got none; play a round"):
        write_export(CONFIG, tmp_path)
    (tmp_path / "games.sqlite").unlink()
    with pytest.raises(StoreError, match="found none; play a run first"):
        write_export(CONFIG, tmp_path)


def test_the_command_prints_what_it_wrote_and_a_mistake_is_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_workdir(tmp_path)
    config = tmp_path / "mine.py"
    config.write_text(
        "from sinq_jax.config import Config, Prompts\n"
        "def get_config() -> Config:\n"
        "    return Config(name='mine', prompts=Prompts(style='program'))\n",
        encoding="utf-8",
    )
    words = [f"--config={config}", f"--workdir={tmp_path}", "--job=export"]
    assert run.main(words) == 0
    shown = capsys.readouterr()
    assert re.search(r"^games\.jsonl +23$", shown.out, re.MULTILINE)
    assert re.search(r"^tfds/chats/prediction +20$", shown.out, re.MULTILINE)
    assert shown.out.rstrip().endswith(str(tmp_path / "export"))
    assert shown.err == ""
    shutil.rmtree(tmp_path / "export")
    assert run.main([*words, "--config.prompts.style=edit"]) == 2
    shown = capsys.readouterr()
    assert len(shown.err.splitlines()) == 1
    assert not (tmp_path / "export").exists()
    with pytest.raises(SinqError):
        export(CONFIG, tmp_path / "nowhere")
