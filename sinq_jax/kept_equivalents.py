"""Equivalent pairs that a run makes before its first step and keeps in ``DIR/data``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sandbox import Judge
from sinq_jax.config import Config, ConfigError
from sinq_jax.examples import equivalent_example
from sinq_jax.game.prompts import Format
from sinq_jax.kept_files import appearing
from sinq_jax.programs.equivalents import NONE_MADE, EquivalentPair, Made, make_equivalents
from sinq_jax.programs.program import Program
from sinq_jax.tokenizers import Tokenizer

SPARE = 1.5
"""Pairs made for each one wanted: a rewrite may not fit the lengths, or be thrown away."""


@dataclass(frozen=True)
class Wanted:
    """``count`` equivalent pairs, which the setting ``field`` asks for, in the file ``name``."""

    config: Config
    field: str
    name: str
    count: int

    def kept(self, data: Path, sandbox: Judge, programs: Sequence[Program]) -> Made:
        """The pairs that stand in the folder; made and written there when they are not yet."""
        path = data / self.name
        if not self.count:
            return NONE_MADE
        if path.exists():
            return _read(path, {program.name: program for program in programs})
        made = make_equivalents(
            sandbox,
            programs,
            round(self.count * SPARE),
            f"{self.config.seed}/{self.name}",
            self.config.benchmark.inputs,
        )
        rows = [{**asdict(pair), "original": pair.original.name} for pair in made.pairs]
        thrown = {"diverging": made.diverging, "unclear": made.unclear}
        with appearing(path) as draft:
            lines = [json.dumps(row) + "\n" for row in (thrown, *rows)]
            draft.write_text("".join(lines), encoding="utf-8")
        return made

    def that_fit(self, form: Format, tokenizer: Tokenizer, made: Made) -> Made:
        """The first pairs whose questions and answers fit the lengths of the rollout.

        Raises ``ConfigError`` when pairs are wanted and none fits.
        """
        fitting = [pair for pair in made.pairs if self._fits(form, tokenizer, pair)]
        if self.count and not fitting:
            raise ConfigError(
                f"--config.{self.field}: expected equivalent pairs that fit rollout.prompt_tokens "
                f"and evaluator_tokens, got none of {len(made.pairs)}; raise the lengths or use "
                "other programs"
            )
        return replace(made, pairs=tuple(fitting[: self.count]))

    def _fits(self, form: Format, tokenizer: Tokenizer, pair: EquivalentPair) -> bool:
        example = equivalent_example(form, pair.original, pair.variant)
        prompt = len(tokenizer.encode_prompt(example.prompt))
        answer = len(tokenizer.encode(example.completions[0])) + 1
        rollout = self.config.rollout
        return prompt <= rollout.prompt_tokens and answer <= rollout.evaluator_tokens


def to_learn_from(config: Config) -> Wanted:
    """For the warm start: ``selfplay.equivalent_share`` of these and the labelled pairs."""
    share = config.selfplay.equivalent_share
    count = round(config.warm_start.pairs * share / (1.0 - share))
    return Wanted(config, "selfplay.equivalent_share", "equivalents.jsonl", count)


def to_measure_on(config: Config) -> Wanted:
    """For the benchmark, of held-out programs."""
    count = config.benchmark.equivalent_pairs
    return Wanted(config, "benchmark.equivalent_pairs", "exam_equivalents.jsonl", count)


def _read(path: Path, by_name: Mapping[str, Program]) -> Made:
    thrown, *rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    pairs = tuple(
        EquivalentPair(
            by_name[row["original"]], row["variant"], tuple(row["rewrites"]), row["tried"]
        )
        for row in rows
    )
    return Made(pairs, **thrown)
