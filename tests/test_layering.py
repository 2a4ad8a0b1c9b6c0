"""The table of rooms in ARCHITECTURE.md holds, and a file that breaks it is named with the rule."""

from pathlib import Path

import pytest

from tests.layering import Row, cycle, files, read_table, room_of, violations

ROOT = Path(__file__).resolve().parents[1]
TABLE = read_table((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
TEXT_ROOM = "sinq_jax/game/"


def tree(folder: Path, contents: dict[str, str]) -> Path:
    """Write a tree in which every room has a file, so that only ``contents`` can be at fault."""
    for row in TABLE:
        for room in row.rooms:
            contents.setdefault(f"{room}__init__.py" if room.endswith("/") else room, "")
    for path, text in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def test_the_table_is_read_and_covers_the_code() -> None:
    assert len(TABLE) >= 5
    assert {"sandbox/", TEXT_ROOM, "run.py"} <= {room for row in TABLE for room in row.rooms}
    assert len(files(ROOT, TABLE)) > 30


def test_every_import_keeps_to_the_table() -> None:
    broken = violations(ROOT, TABLE)
    assert not broken, "\n".join(broken)


def test_there_is_no_import_cycle() -> None:
    found = cycle(ROOT, TABLE)
    assert not found, " -> ".join(found)


def test_the_table_lets_rooms_import_only_downwards() -> None:
    for row in TABLE:
        for name in (name for name in row.allowed if "/" in name or name.endswith(".py")):
            home = room_of(name.removesuffix("/").removesuffix(".py"), TABLE)
            assert home is not None, f"{row.layer} may import {name}, which is no room"
            assert home[1].level <= row.level, f"{row.layer} may import {name}, which lies above"


def test_neither_the_sandbox_nor_the_text_half_can_reach_jax() -> None:
    reachable = {"sandbox/", TEXT_ROOM, "sinq_jax/programs/", "sinq_jax/config/"}
    rows: list[Row] = []
    while len(rows) < len(new := [row for row in TABLE if reachable & set(row.rooms)]):
        rows = new
        reachable |= {name for row in rows for name in (*row.rooms, *row.allowed)}
    assert not reachable & {"jax", "flax", "optax", "orbax", "numpy", "sinq_jax/models/"}


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("import jax\n", "jax"),
        ("import jax.numpy as jnp\n", "jax"),
        ("def late():\n    from jax import numpy\n", "jax"),
        ("from sinq_jax.models import transformer\n", "sinq_jax/models/"),
        ("from sinq_jax import models\n", "sinq_jax/models/"),
        ("from ..models.transformer import Transformer\n", "sinq_jax/models/"),
        ("from sinq_jax import selfplay\n", "sinq_jax/selfplay.py"),
        ("import importlib\nimportlib.import_module('jax')\n", "jax"),
        ("__import__('jax')\n", "jax"),
    ],
)
def test_a_file_of_the_text_half_that_reaches_for_arrays_is_named_with_the_rule(
    tmp_path: Path, text: str, culprit: str
) -> None:
    broken = violations(tree(tmp_path, {"sinq_jax/game/guilty.py": text}), TABLE)
    assert len(broken) == 1
    line = len(text.splitlines())
    assert broken[0].startswith(f"sinq_jax/game/guilty.py:{line} imports {culprit}")
    assert "but layer 1 text may not" in broken[0]
    assert "ARCHITECTURE.md" in broken[0]


def test_neighbours_and_the_standard_library_are_allowed(tmp_path: Path) -> None:
    text = "import json\nfrom sinq_jax.game import records\nfrom . import store\n"
    assert violations(tree(tmp_path, {"sinq_jax/game/good.py": text}), TABLE) == []


def test_the_sandbox_may_import_nothing_of_the_game(tmp_path: Path) -> None:
    broken = violations(tree(tmp_path, {"sandbox/guilty.py": "import sinq_jax.config\n"}), TABLE)
    assert len(broken) == 1
    assert broken[0].startswith("sandbox/guilty.py:1 imports sinq_jax/config/")


def test_a_file_without_a_room_is_named(tmp_path: Path) -> None:
    broken = violations(tree(tmp_path, {"sinq_jax/stray.py": ""}), TABLE)
    assert broken == ["sinq_jax/stray.py belongs to no room; give it one in ARCHITECTURE.md"]


def test_a_room_without_a_file_is_named(tmp_path: Path) -> None:
    root = tree(tmp_path, {})
    (root / "run.py").unlink()
    assert [sentence.split(" is a room")[0] for sentence in violations(root, TABLE)] == ["run.py"]


def test_a_cycle_is_found(tmp_path: Path) -> None:
    first = "from sinq_jax.game.second import x\n"
    second = "def f():\n    import sinq_jax.game.first\n"
    root = tree(tmp_path, {"sinq_jax/game/first.py": first, "sinq_jax/game/second.py": second})
    assert set(cycle(root, TABLE)) == {"sinq_jax/game/first.py", "sinq_jax/game/second.py"}


def test_an_import_for_type_checkers_makes_no_cycle_but_keeps_to_the_table(tmp_path: Path) -> None:
    head = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "
    contents = {
        "sinq_jax/game/first.py": head + "from sinq_jax.game.second import x\n",
        "sinq_jax/game/second.py": "import sinq_jax.game.first\n",
        "sinq_jax/game/third.py": head + "import jax\n",
    }
    root = tree(tmp_path, contents)
    assert cycle(root, TABLE) == []
    assert len(violations(root, TABLE)) == 1
