"""Small files of published games, made by hand: every finding an audit can come to, once."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import Limits
from sinq_jax.game.jsonl import write_games
from sinq_jax.game.published import published_game, write_published
from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.game.store import GameStore
from sinq_jax.programs.program import Parameter, Program

FORMATS = ("chat", "predicted", "pairs", "games", "store", "published")
LIMITS = Limits(cpu_s=0.1, confirm_cpu_s=1.0)
ORIGINAL = "def f(x):\n    return 10 // x\n"
COUNTDOWN = "def f(x):\n    return 0 if x == 0 else f(x - 1)\n"


@dataclass(frozen=True)
class Case:
    """A proof with the verdict and the reason that its audit must give."""

    variant: str
    input: str
    verdict: str
    reason: str
    original: str = ORIGINAL


def f(body: str, head: str = "") -> str:
    return f"{head}def f(x):\n    {body}\n"


RAISES_MESSAGE = f("return 10 // x if x else int('')")
CASES = (
    Case(f("return 11 // x"), "{'x': 1}", "diverges", "different values"),
    Case(f("return 10 // x if x else 0"), "{'x': 0}", "diverges", "P raises, Q returns"),
    Case(f("return 10 // (x - 1)"), "{'x': 1}", "diverges", "P returns, Q raises"),
    Case(RAISES_MESSAGE, "{'x': 0}", "diverges", "different exceptions"),
    Case(f("return 10 % x"), "{'x': 0}", "diverges", "only the message differs", f("return 1 / x")),
    Case(f("while x: pass"), "{'x': 1}", "diverges", "P returns, Q does not halt"),
    Case(f("return 20 // (2 * x)"), "{'x': 1}", "same", "same value"),
    Case(f("return 20 // (2 * x)"), "{'x': 0}", "same", "same exception"),
    Case(f("return x - x"), "{'x': 2000}", "same", "recursion artefact", COUNTDOWN),
    Case(f("while 1: pass"), "{'x': 1}", "same", "both: timeout", f("while 2: pass")),
    Case(f("return 1"), "{'y': 1}", "invalid", "does not bind"),
    Case(f("return 1"), "{'x': float('inf')}", "invalid", "input is an expression, no literal"),
    Case(f("return 1"), "{'x': 'a' * 9}", "invalid", "input is an expression, no literal"),
    Case(f("return 1"), "x = 1", "invalid", "input is no Python expression"),
    Case(f("return 1"), "[1]", "invalid", "input is no dict"),
    Case(f("return 1"), "{1: 1}", "invalid", "input is a dict with other keys than names"),
    Case("def f(x, y=0):\n    return 1\n", "{'x': 1}", "invalid", "signature changed"),
    Case(f("return ("), "{'x': 1}", "invalid", "syntax error"),
    Case(f("return 1"), "{'x': 1}", "invalid", "P itself fails: no entry point", "g = 1\n"),
    Case(
        f("return random.random()", "import random\n"),
        "{'x': 1}",
        "unstable",
        "refused: import of random",
    ),
    Case(
        f("return 1"),
        "{'x': 1}",
        "unstable",
        "P itself fails: refused: import of random",
        f("return random.random()", "import random\n"),
    ),
    Case(f("return list({'a', 'b', 'c', 'd', 'e'})"), "{'x': 1}", "unstable", "does not repeat"),
)


def chat(case: Case, level: object = 4, predicted: int | None = None) -> dict[str, Any]:
    """One row of the authors' release; ``predicted`` adds the question for the level."""
    told = "Any" if predicted is not None else level
    asked = f"Difficulty level: {told}\nEntry point function: f\n\n```python\n{case.original}```"
    answer = (
        "# Analysis\n```python\nx = 0\n```\n# Generated program\n"
        f"```python\n{case.variant.rstrip()}\n```\n\n"
        f"# Diverging input example\n```python\n{case.input}\n```"
    )
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Write a similar program."},
        {"role": "user", "content": asked},
        {"role": "assistant", "content": answer},
    ]
    if predicted is not None:
        messages[2]["weight"] = 0
        messages += [
            {"role": "user", "content": "Predict the difficulty level."},
            {"role": "assistant", "content": f"Difficulty level: {predicted}"},
        ]
    return {"messages": messages}


def pair(case: Case, level: int | None = 4) -> dict[str, Any]:
    """The same row as the parsed pairs have it."""
    return {
        "function_name": "f",
        "program": case.original,
        "variant": case.variant.rstrip() + "\n",
        "diverging_input": case.input + "\n",
        "difficulty": level,
    }


def game(case: Case, solved: int = 1, answers: int = 2, *, admitted: bool = True) -> Game:
    """A game of ours: its referee admitted the variant, whatever the audit is to find."""
    said = Ruling("diverges" if admitted else "same", "as said", {})
    program = Program("a/1", case.original, "f", (Parameter("x", "int"),))
    rulings = ["diverges"] * solved + ["same"] * (answers - solved)
    return Game(
        round=1,
        program=program,
        target=10,
        sample=0,
        completion=Completion("edit", 3, True),
        proposal=Proposal(case.variant.rstrip() + "\n", case.input + "\n"),
        admission=said,
        answers=tuple(
            Answer(Completion("a", 1, True), case.input, False, Ruling(ruling, "", {}))  # type: ignore[arg-type]
            for ruling in rulings
        ),
    )


def write_lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def write_all(folder: Path, *cases: Case) -> list[Path]:
    """The same proofs at difficulty 5 in every format, a file for each."""
    games = [game(case) for case in cases]
    paths = [folder / name for name in FORMATS]
    write_lines(paths[0], *(chat(case, 5) for case in cases))
    write_lines(paths[1], *(chat(case, predicted=5) for case in cases))
    with gzip.open(paths[2], "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(pair(case, 5)) + "\n" for case in cases)
    with paths[3].open("w", encoding="utf-8") as file:
        write_games(games, file)
    with GameStore(paths[4]) as store:
        store.write_round(1, games)
    with paths[5].open("w", encoding="utf-8") as file:
        write_published(filter(None, map(published_game, games)), file)
    return paths
