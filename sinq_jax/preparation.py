"""What a run makes before its first step and keeps in ``DIR/data``: pairs, exam, tokenizer."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox import Sandbox
from sinq_jax.config import Config, ConfigError
from sinq_jax.examples import equivalent_example, evaluator_example, generator_example
from sinq_jax.game.prompts import Format, make_format
from sinq_jax.kept_equivalents import to_learn_from, to_measure_on
from sinq_jax.kept_files import appearing
from sinq_jax.kept_games import NOTHING_BORROWED, Borrowed, kept_games, texts_of, that_fit
from sinq_jax.learners import opened
from sinq_jax.pretrained import Pretrained
from sinq_jax.programs.equivalents import NONE_MADE, Made
from sinq_jax.programs.pairs import LabelledPair, make_pairs
from sinq_jax.programs.program import Program, ProgramSet
from sinq_jax.programs.sources import load_programs
from sinq_jax.tokenizers import LexicalTokenizer, SentencePieceTokenizer, Tokenizer


@dataclass(frozen=True)
class Prepared:
    """``pairs`` of training programs teach the warm start; ``exam`` pairs are of held-out ones.
    ``equivalents`` and ``exam_equivalents`` are pairs that do the same, likewise, and ``borrowed``
    are published games that teach the warm start too. ``pretrained`` is the checkpoint that the
    players begin with, None from scratch.
    """

    programs: ProgramSet
    pairs: tuple[LabelledPair, ...]
    exam: tuple[LabelledPair, ...]
    tokenizer: Tokenizer
    pretrained: Pretrained | None
    equivalents: Made = NONE_MADE
    exam_equivalents: Made = NONE_MADE
    borrowed: Borrowed = NOTHING_BORROWED


def prepare(config: Config, workdir: Path, sandbox: Sandbox) -> Prepared:
    """Loads the programs and makes, or reads back, everything derived from them.

    Raises ``ProgramSourceError`` for a source that cannot be read, ``ConfigError`` when nothing in
    it can be used, when it is not what the run began with, or when the disk refuses, and what
    ``opened`` raises for a checkpoint.
    """
    pretrained = opened(config)
    programs = _originals(config)
    data = workdir / "data"
    _hold_to(data / "programs.sha256", programs)
    form = make_format(config.prompts.style)
    wanted = config.warm_start.pairs
    # Some pairs will not fit the lengths of the rollout.
    labelled = programs.train[: config.warm_start.programs] if wanted else ()
    pairs = _kept(data / "pairs.jsonl", config, sandbox, labelled, round(wanted * 1.15))
    asked = round(config.benchmark.pairs * 1.15)
    exam = _kept(data / "exam.jsonl", config, sandbox, programs.held_out, asked)
    to_learn = to_learn_from(config)
    alike = to_learn.kept(data, sandbox, labelled)
    borrowed = kept_games(config, data, programs)
    to_measure = to_measure_on(config)
    alike_exam = to_measure.kept(data, sandbox, programs.held_out)
    if pretrained:
        tokenizer = pretrained.tokenizer
    else:
        texts = _texts(config, form, programs, pairs)
        texts += texts_of(form, borrowed.games, config.warm_start.labels)
        for pair in alike.pairs:
            example = equivalent_example(form, pair.original, pair.variant)
            texts += [example.prompt, *example.completions]
        tokenizer = _learned(config, data, texts)
    return Prepared(
        programs=programs,
        pairs=_usable(config, form, tokenizer, pairs, wanted, "warm_start.pairs"),
        exam=_usable(config, form, tokenizer, exam, config.benchmark.pairs, "benchmark.pairs"),
        tokenizer=tokenizer,
        pretrained=pretrained,
        equivalents=to_learn.that_fit(form, tokenizer, alike),
        exam_equivalents=to_measure.that_fit(form, tokenizer, alike_exam),
        borrowed=that_fit(config, form, tokenizer, borrowed),
    )


def _originals(config: Config) -> ProgramSet:
    source = config.programs
    if source.source == "tfds":
        # No other source needs TFDS, which takes its time to load.
        from sinq_jax.datasets.reading import originals_of, read_dataset

        return originals_of(read_dataset(Path(source.path)))
    sizes = (source.train, source.validation, source.held_out)
    return load_programs(source.source, source.path, config.seed, *sizes)


def _hold_to(path: Path, programs: ProgramSet) -> None:
    """Raises ``ConfigError`` unless the programs are those that the run began with."""
    splits = (programs.train, programs.validation, programs.held_out)
    digest = hashlib.sha256(json.dumps([[*map(asdict, split)] for split in splits]).encode())
    if not path.exists():
        with appearing(path) as draft:
            draft.write_text(digest.hexdigest(), encoding="utf-8")
    elif path.read_text(encoding="utf-8") != digest.hexdigest():
        raise ConfigError(
            f"{path}: expected the programs that this run began with, got others; put them back "
            "as they were or choose another --workdir"
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
    with appearing(path) as draft:
        draft.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return pairs


def _pair_of(row: dict[str, object], by_name: dict[str, Program]) -> LabelledPair:
    fields = {**row, "original": by_name[str(row["original"])], "inputs": tuple(row["inputs"])}  # type: ignore[arg-type]
    return LabelledPair(**fields)  # type: ignore[arg-type]


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


def _learned(config: Config, data: Path, texts: Sequence[str]) -> Tokenizer:
    """A tokenizer that is learned from ``texts`` and kept in ``data``, or a given one."""
    path, settings = tokenizer_path(config, data), config.tokenizer
    if not settings.path and not path.exists():
        with appearing(path) as draft:
            if settings.kind == "lexical":
                LexicalTokenizer.learn(texts).save(draft)
            else:
                SentencePieceTokenizer.learn(texts, settings.vocab_size).save(draft)
    return kept_tokenizer(config, data)


def tokenizer_path(config: Config, data: Path) -> Path:
    """The file of a tokenizer that came with no checkpoint."""
    if config.tokenizer.path:
        return Path(config.tokenizer.path)
    return data / ("tokenizer.json" if config.tokenizer.kind == "lexical" else "tokenizer.model")


def kept_tokenizer(config: Config, data: Path) -> Tokenizer:
    """The tokenizer of a run from scratch. Raises ``TokenizerError`` when it cannot be read."""
    kind = LexicalTokenizer if config.tokenizer.kind == "lexical" else SentencePieceTokenizer
    return kind.load(tokenizer_path(config, data))


def _usable(
    config: Config,
    form: Format,
    tokenizer: Tokenizer,
    pairs: Sequence[LabelledPair],
    wanted: int,
    field: str,
) -> tuple[LabelledPair, ...]:
    """The first ``wanted`` pairs whose prompts and answers fit the lengths of the rollout."""
    rollout = config.rollout
    room = (rollout.prompt_tokens, rollout.generator_tokens, rollout.evaluator_tokens)
    needs = [_tokens(form, tokenizer, pair) for pair in pairs]
    fitting = [
        pair
        for pair, lengths in zip(pairs, needs, strict=True)
        if all(length <= most for length, most in zip(lengths, room, strict=True))
    ]
    if wanted and not fitting:
        least = tuple(min(lengths) for lengths in zip(*needs, strict=True))
        raise ConfigError(
            f"--config.{field}: expected pairs that fit rollout.prompt_tokens, generator_tokens "
            f"and evaluator_tokens {room}, got none of {len(pairs)} that were found"
            f"{f', which need at least {least}' if pairs else ''}; raise the lengths or use other "
            "programs"
        )
    return tuple(fitting[:wanted])


def _tokens(form: Format, tokenizer: Tokenizer, pair: LabelledPair) -> tuple[int, int, int]:
    """What a pair needs: tokens of its longer prompt, of the generator's and the evaluator's answer
    with the stop token.
    """
    question, task = evaluator_example(form, pair, 1), generator_example(form, pair)
    prompts = (question.prompt, task.prompt)
    answers = (task.completions[0], question.completions[0])
    variant, found = (len(tokenizer.encode(answer)) + 1 for answer in answers)
    return max(len(tokenizer.encode_prompt(prompt)) for prompt in prompts), variant, found
