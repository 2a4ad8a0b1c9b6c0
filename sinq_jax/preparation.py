"""What a run makes before its first step and keeps in ``DIR/data``: pairs, exam, tokenizer."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox import Sandbox
from sinq_jax.config import Config, ConfigError
from sinq_jax.examples import evaluator_example, generator_example
from sinq_jax.game.prompts import Format, make_format
from sinq_jax.programs.pairs import LabelledPair, make_pairs
from sinq_jax.programs.program import Program, ProgramSet
from sinq_jax.programs.sources import load_programs
from sinq_jax.tokenizer import LexicalTokenizer, SentencePieceTokenizer, Tokenizer


@dataclass(frozen=True)
class Prepared:
    """``pairs`` of training programs teach the warm start; ``exam`` pairs are of held-out ones."""

    programs: ProgramSet
    pairs: tuple[LabelledPair, ...]
    exam: tuple[LabelledPair, ...]
    tokenizer: Tokenizer


def prepare(config: Config, workdir: Path, sandbox: Sandbox) -> Prepared:
    """Loads the programs and makes, or reads back, everything derived from them.

    Raises ``ProgramSourceError`` for a source that cannot be read and ``ConfigError`` when nothing
    in it can be used.
    """
    programs = load_programs(
        config.programs.source,
        config.programs.path,
        config.seed,
        config.programs.train,
        config.programs.validation,
        config.programs.held_out,
    )
    data = workdir / "data"
    data.mkdir(parents=True, exist_ok=True)
    form = make_format(config.prompts.style)
    wanted = config.warm_start.pairs
    # Some pairs will not fit the lengths of the rollout.
    labelled = programs.train[: config.warm_start.programs]
    pairs = _kept(data / "pairs.jsonl", config, sandbox, labelled, round(wanted * 1.15))
    asked = round(config.benchmark.pairs * 1.15)
    exam = _kept(data / "exam.jsonl", config, sandbox, programs.held_out, asked)
    tokenizer = _tokenizer(config, data, _texts(config, form, programs, pairs))
    return Prepared(
        programs=programs,
        pairs=_usable(config, form, tokenizer, pairs, wanted, "warm_start.pairs"),
        exam=_usable(config, form, tokenizer, exam, config.benchmark.pairs, "benchmark.pairs"),
        tokenizer=tokenizer,
    )


def _kept(
    path: Path, config: Config, sandbox: Sandbox, programs: Sequence[Program], count: int
) -> tuple[LabelledPair, ...]:
    """The pairs that stand in ``path``; made and written there when it does not exist yet."""
    by_name = {program.name: program for program in programs}
    if path.exists():
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(_pair_of(json.loads(line), by_name) for line in lines)
    if not programs:
        return ()
    warm = config.warm_start
    pairs = make_pairs(
        sandbox,
        programs,
        -(-count // len(programs)),
        config.benchmark.inputs,
        config.seed,
        (warm.min_density, warm.max_density),
        limit=count,
    )
    rows = ({**asdict(pair), "original": pair.original.name} for pair in pairs)
    _write(path, "".join(json.dumps(row) + "\n" for row in rows).encode())
    return pairs


def _pair_of(row: dict[str, object], by_name: dict[str, Program]) -> LabelledPair:
    fields = {**row, "original": by_name[str(row["original"])], "inputs": tuple(row["inputs"])}  # type: ignore[arg-type]
    return LabelledPair(**fields)  # type: ignore[arg-type]


def _write(path: Path, content: bytes) -> None:
    """All or nothing: the file appears when it is whole."""
    draft = path.with_suffix(path.suffix + ".part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _texts(
    config: Config, form: Format, programs: ProgramSet, pairs: Iterable[LabelledPair]
) -> list[str]:
    """What the tokenizer learns from: prompts and answers of the training programs."""
    texts = [form.generator_prompt(program, level) for level, program in _levelled(programs)]
    for pair in pairs:
        for example in (
            evaluator_example(form, pair, config.warm_start.labels),
            generator_example(form, pair),
        ):
            texts += [example.prompt, *example.completions]
    return texts


def _levelled(programs: ProgramSet) -> Iterable[tuple[int, Program]]:
    return ((index % 11, program) for index, program in enumerate(programs.train))


def _tokenizer(config: Config, data: Path, texts: Sequence[str]) -> Tokenizer:
    """The tokenizer of the config: a learned one is kept in ``data``, a given one only read."""
    settings = config.tokenizer
    if settings.kind == "lexical":
        path = data / "tokenizer.json"
        if not path.exists():
            _write_tokenizer(LexicalTokenizer.learn(texts), path)
        return LexicalTokenizer.load(path)
    path = Path(settings.path) if settings.path else data / "tokenizer.model"
    if not settings.path and not path.exists():
        _write_tokenizer(SentencePieceTokenizer.learn(texts, settings.vocab_size), path)
    return SentencePieceTokenizer.load(path)


def _write_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    draft = path.with_suffix(path.suffix + ".part")
    tokenizer.save(draft)
    draft.replace(path)


def _usable(
    config: Config,
    form: Format,
    tokenizer: Tokenizer,
    pairs: Sequence[LabelledPair],
    wanted: int,
    field: str,
) -> tuple[LabelledPair, ...]:
    """The first ``wanted`` pairs whose prompts and answers fit the lengths of the rollout."""
    fitting = [pair for pair in pairs if _fits(config, form, tokenizer, pair)][:wanted]
    if not fitting:
        raise ConfigError(
            f"--config.{field}: expected pairs that fit rollout.prompt_tokens="
            f"{config.rollout.prompt_tokens}, got none of {len(pairs)}; raise the lengths or use "
            "other programs"
        )
    return tuple(fitting)


def _fits(config: Config, form: Format, tokenizer: Tokenizer, pair: LabelledPair) -> bool:
    rollout = config.rollout
    question, task = evaluator_example(form, pair, 1), generator_example(form, pair)

    def tokens(text: str) -> int:
        return len(tokenizer.encode(text))

    # The stop token takes one place of an answer.
    return (
        max(tokens(question.prompt), tokens(task.prompt)) <= rollout.prompt_tokens
        and tokens(question.completions[0]) < rollout.evaluator_tokens
        and tokens(task.completions[0]) < rollout.generator_tokens
    )
