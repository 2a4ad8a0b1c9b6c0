"""The game's own question, held out: an input on which two programs differ, or that there is none.

Source: A. V. Miceli-Barone, V. Belle and A. Payani (2025), arXiv 2505.03818; pairs that do the same
are ours, so that always to claim a difference is no strategy.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox import Judge
from sinq_jax.benchmarks.suites.data_file import DataFile, DataFileError, Row
from sinq_jax.benchmarks.suites.face import (
    DIFFERENT,
    EQUIVALENT,
    Generative,
    Mark,
    Prompt,
    Sampling,
)
from sinq_jax.game.prompts import Reply, Style, make_format
from sinq_jax.game.records import Unparsed
from sinq_jax.game.referee import Claim, judge
from sinq_jax.programs.equivalents import EquivalentPair
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.programs.program import Program
from sinq_jax.whole_file import write_whole

FILE_NAME = "sinq.jsonl"
SAID_EQUIVALENT = "equivalent"


@dataclass(frozen=True)
class PairItem:
    """Two programs. ``input`` is one on which they differ, None where they do the same."""

    name: str
    original: Program
    variant: str
    input: str | None


class Pairs(Generative[PairItem]):
    """An answer is right if it proves a difference, or calls a pair equivalent that is."""

    measure = "pairs"

    def __init__(self, name: str, style: Style) -> None:
        self.name, self._form = name, make_format(style)
        tokens = 2048 if style == "program" else 48
        self.sampling = Sampling(4, 1.0, 0.7 if style == "program" else 1.0, tokens)
        self.protocol = (
            "Ours, after the paper's evaluator: an input on which P and Q differ, proven by the "
            "referee, or `equivalent` for rewrites that do the same. "
            f"Questions in the game's {style} style, 4 samples at temperature 1."
        )

    def items(self, file: DataFile) -> list[PairItem]:
        return file.read(_item, "name, entry_point, original, variant, and input or null")

    def content(self, item: PairItem) -> str:
        return item.original.source

    def part(self, item: PairItem) -> str:
        return EQUIVALENT if item.input is None else DIFFERENT

    def prompt(self, item: PairItem, *, chat: bool) -> Prompt:
        original = item.original
        return Prompt(
            self._form.evaluator_prompt(original.source, item.variant, original.entry_point)
        )

    def marks(
        self, asked: Sequence[tuple[PairItem, Sequence[str]]], judge: Judge
    ) -> list[list[Mark]]:
        replies = [(item, self._form.parse_reply(text)) for item, texts in asked for text in texts]
        marks = iter(_marked(replies, judge))
        return [[next(marks) for _ in texts] for _, texts in asked]

    def solution(self, item: PairItem) -> str:
        return self._form.evaluator_completion(Reply(item.input))


def _marked(replies: Sequence[tuple[PairItem, Reply | Unparsed]], sandbox: Judge) -> list[Mark]:
    """What stands of each reply. A claim about an equivalent pair is run like any other: a rewrite
    that is none would show.
    """
    claims = [_claim(item, reply) for item, reply in replies]
    marks = []
    for (item, reply), ruling in zip(replies, judge(sandbox, claims), strict=True):
        if isinstance(reply, Reply) and reply.input is None:
            marks.append(Mark(item.input is None, "says equivalent", SAID_EQUIVALENT))
        else:
            answer = reply.input if isinstance(reply, Reply) else None
            right = ruling.verdict == "diverges"
            marks.append(Mark(right, f"{ruling.verdict}: {ruling.reason}", answer))
    return marks


def _claim(item: PairItem, reply: Reply | Unparsed) -> Claim | Unparsed:
    if isinstance(reply, Unparsed):
        return reply
    if reply.input is None:
        return Unparsed("says equivalent")
    return Claim(item.original, item.variant, reply.input)


def _item(row: Row) -> PairItem:
    texts = [row[key] for key in ("name", "entry_point", "original", "variant")]
    given = row["input"]
    if not all(isinstance(text, str) for text in (*texts, given or "")):
        raise ValueError("something that is no text")
    name, entry_point, original, variant = texts
    return PairItem(name, Program(name, original, entry_point), variant, given)


def write_pairs(
    path: Path, different: Iterable[LabelledPair], equivalent: Iterable[EquivalentPair]
) -> None:
    """Write a data file of this benchmark in one step: of each different pair its smallest
    diverging input, of each equivalent one null. Raises ``DataFileError`` when the disk refuses.
    """
    rows = [_row(pair, pair.inputs[0]) for pair in different]
    rows += [_row(pair, None) for pair in equivalent]
    numbered = [{**row, "name": f"{row['name']}#{place}"} for place, row in enumerate(rows)]
    try:
        write_whole(path, "".join(json.dumps(row) + "\n" for row in numbered).encode())
    except OSError as error:
        raise DataFileError(
            f"{path}: expected a file to write, got {error.strerror}; choose another one"
        ) from error


def _row(pair: LabelledPair | EquivalentPair, given: str | None) -> dict[str, str | None]:
    original = pair.original
    return {
        "name": original.name,
        "entry_point": original.entry_point,
        "original": original.source,
        "variant": pair.variant,
        "input": given,
    }
