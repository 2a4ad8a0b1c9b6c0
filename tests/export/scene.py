"""The workdir of a small run, without the run: its config and its games."""

import json
from dataclasses import replace
from pathlib import Path

from sinq_jax.config import Config, Prompts
from sinq_jax.config.schema import flatten, nest
from sinq_jax.game.prompts import ProgramFormat
from sinq_jax.game.records import Completion, Game, Ruling, Suspicion
from sinq_jax.game.store import GameStore
from tests.paper.scene import game

CONFIG = Config(name="mine", prompts=Prompts(style="program"))
FORM = ProgramFormat()


def told(played: Game) -> Game:
    """The game with a completion that a player of the program style would write."""
    assert played.proposal is not None
    thought = f"Adds {played.sample}.\n\n## More\n```python\n# Analysis\n```"
    text = FORM.generator_completion(played.program, played.proposal, thought)
    return replace(played, completion=Completion(text, 9, True))


def games() -> list[Game]:
    """Nineteen proven variants of two originals in round 0, and every other case in round 1."""
    hard = [told(game(5 - k % 6, 5 + k % 6, number=k + 1, original="ab"[k % 2])) for k in range(9)]
    easy = [told(game(10 - k % 5, k % 5, number=k + 20, original="ab"[k % 2])) for k in range(10)]
    refused = replace(game(0, 2, number=40, verdict="same"), round=1)
    unread = Completion("no \ud800 heading", 3, False)
    unparsed = replace(refused, completion=unread, proposal=None, answers=())
    suspect = replace(told(game(0, 4, number=41)), round=1)
    suspect = replace(suspect, suspicion=Suspicion("no more inputs", 64), density=(0, 64))
    found = Ruling("diverges", "different values", {"limits": {"cpu_s": 0.25}})
    searched = replace(suspect, suspicion=Suspicion("found", 3, '{"x": 2}', found))
    return [*hard, *easy, refused, unparsed, suspect, searched]


def write_workdir(path: Path) -> Path:
    """Write what a run would leave for an export."""
    record = {"config": nest(flatten(CONFIG))}
    (path / "config.json").write_text(json.dumps(record), encoding="utf-8")
    with GameStore(path / "games.sqlite") as store:
        for number in (0, 1):
            store.write_round(number, [each for each in games() if each.round == number])
    return path
