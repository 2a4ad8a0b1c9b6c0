"""Published games that a warm start learns from, kept in ``DIR/data`` as a run found them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sinq_jax.batching import Example
from sinq_jax.config import Config, ConfigError
from sinq_jax.examples import published_answers, published_variant
from sinq_jax.game.lines import LineError
from sinq_jax.game.prompts import Format
from sinq_jax.game.published import Published, read_published, write_published
from sinq_jax.kept_files import appearing
from sinq_jax.programs.normal_form import normal_form
from sinq_jax.programs.program import ProgramSet
from sinq_jax.tokenizers import Tokenizer

NAME = "games.jsonl"


@dataclass(frozen=True)
class Borrowed:
    """``games`` to learn from. ``held_out`` of those that were read are about originals that a run
    measures with or chooses settings with, ``too_long`` do not fit the lengths of the rollout:
    both are left out.
    """

    games: tuple[Published, ...] = ()
    held_out: int = 0
    too_long: int = 0


NOTHING_BORROWED = Borrowed()


def kept_games(config: Config, data: Path, programs: ProgramSet) -> Borrowed:
    """The games of ``warm_start.games``; as they stand in the folder, once they do.

    Raises ``ConfigError`` for a file that cannot be read, or that has nothing to learn from.
    """
    path, given = data / NAME, config.warm_start.games
    if not given:
        return NOTHING_BORROWED
    found = _read(path if path.exists() else Path(given))
    measured = {_form(each.source) for each in (*programs.validation, *programs.held_out)}
    games = tuple(each for each in found if _form(each.original) not in measured)
    if not games:
        raise ConfigError(
            f"--config.warm_start.games: expected games of originals that are not held out, got "
            f"none of {len(found)} in {given}; name another file or other programs"
        )
    if not path.exists():
        with appearing(path) as draft, draft.open("w", encoding="utf-8") as file:
            write_published(found, file)
    return Borrowed(games, held_out=len(found) - len(games))


def _read(path: Path) -> tuple[Published, ...]:
    try:
        with path.open(encoding="utf-8") as file:
            return tuple(read_published(file, str(path)))
    except (OSError, UnicodeDecodeError, LineError) as error:
        got = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(
            f"--config.warm_start.games: expected what python -m sinq_jax.intake keeps, got "
            f"{str(path)!r} ({got}); name its published.jsonl"
        ) from None


def _form(source: str) -> str:
    """What programs in other clothes have in common; the text itself where it is not Python."""
    try:
        return normal_form(source)
    except SyntaxError:
        return source


def texts_of(form: Format, games: Sequence[Published], labels: int) -> list[str]:
    """What a tokenizer has to know of them."""
    return [
        text
        for game in games
        for example in _examples(form, game, labels)
        for text in (example.prompt, *example.completions)
    ]


def that_fit(config: Config, form: Format, tokenizer: Tokenizer, borrowed: Borrowed) -> Borrowed:
    """The games whose prompts and answers fit the lengths of the rollout.

    Raises ``ConfigError`` where there are games and none fits.
    """
    games = tuple(each for each in borrowed.games if _fits(config, form, tokenizer, each))
    if borrowed.games and not games:
        rollout = config.rollout
        raise ConfigError(
            f"--config.warm_start.games: expected games that fit rollout.prompt_tokens, "
            f"generator_tokens and evaluator_tokens ({rollout.prompt_tokens}, "
            f"{rollout.generator_tokens}, {rollout.evaluator_tokens}), got none of "
            f"{len(borrowed.games)}; raise the lengths or name another file"
        )
    return Borrowed(games, borrowed.held_out, len(borrowed.games) - len(games))


def _fits(config: Config, form: Format, tokenizer: Tokenizer, game: Published) -> bool:
    rollout = config.rollout
    answers, variant = _examples(form, game, 1)
    return all(
        len(tokenizer.encode_prompt(example.prompt)) <= rollout.prompt_tokens
        and len(tokenizer.encode(example.completions[0])) < most
        for example, most in (
            (answers, rollout.evaluator_tokens),
            (variant, rollout.generator_tokens),
        )
    )


def _examples(form: Format, game: Published, labels: int) -> tuple[Example, Example]:
    """The evaluator's and the generator's."""
    return published_answers(form, game, labels), published_variant(form, game)
