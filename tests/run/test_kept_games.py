"""Published games as a warm start: beside pairs or in their place, never of what is held out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import Sandbox
from sinq_jax.config import Config, ConfigError
from sinq_jax.examples import published_answers, published_variant
from sinq_jax.experiment import Experiment, assemble
from sinq_jax.game.published import Published, publish, write_published
from sinq_jax.preparation import Prepared, prepare
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.randomness import device_key
from sinq_jax.schedule import Tick
from sinq_jax.training import imitate
from sinq_jax.warmstart import Rows, warm_start_examples
from tests.run.small import get_config


@pytest.fixture(scope="module")
def prepared(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(get_config(), tmp_path_factory.mktemp("small"), sandbox)


def published(pairs: Sequence[LabelledPair]) -> list[Published]:
    return [
        publish(
            pair.original.entry_point,
            # In other clothes: a comment more.
            f"# {number}\n{pair.original.source}",
            f"# {number}\n{pair.variant}",
            pair.inputs[0],
            number % 11,
            f"Thought {number}.",
            pair.inputs[1:2],
        )
        for number, pair in enumerate(pairs)
    ]


def file_of(path: Path, games: Sequence[Published]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        write_published(games, file)
    return path


def config_with(games: Path, pairs: int) -> Config:
    config = get_config()
    warm = replace(config.warm_start, games=str(games), pairs=pairs, labels=2)
    rollout = replace(config.rollout, prompt_tokens=80, generator_tokens=48, evaluator_tokens=32)
    config = replace(config, warm_start=warm, rollout=rollout)
    config.check()
    return config


def prepared_in(workdir: Path, config: Config, sandbox: Sandbox) -> Prepared:
    workdir.mkdir(exist_ok=True)
    return prepare(config, workdir, sandbox)


def opened(config: Config, workdir: Path, sandbox: Sandbox) -> Experiment:
    return assemble(config, prepared_in(workdir, config, sandbox), sandbox)


def prompts(experiment: Experiment) -> tuple[set[str], set[str]]:
    """What the two roles are asked in an epoch and more."""
    evaluator, generator = warm_start_examples(experiment, Rows(64, 64), 0)
    return {each.prompt for each in evaluator}, {each.prompt for each in generator}


def test_games_are_learned_from_in_the_place_of_pairs_or_beside_them(
    prepared: Prepared, sandbox: Sandbox, tmp_path: Path
) -> None:
    games = published(prepared.pairs)[:8]
    path = file_of(tmp_path / "published.jsonl", games)
    alone = opened(config_with(path, pairs=0), tmp_path / "alone", sandbox)
    assert (alone.pairs, list(alone.borrowed)) == ((), games)
    form = alone.form
    asked = (
        {published_answers(form, each, 2).prompt for each in games},
        {published_variant(form, each).prompt for each in games},
    )
    assert prompts(alone) == asked
    beside = opened(config_with(path, pairs=12), tmp_path / "beside", sandbox)
    assert beside.pairs
    for both, borrowed, own in zip(
        prompts(beside), asked, prompts(replace(beside, borrowed=())), strict=True
    ):
        assert both == borrowed | own


def test_players_learn_from_them(prepared: Prepared, sandbox: Sandbox, tmp_path: Path) -> None:
    path = file_of(tmp_path / "published.jsonl", published(prepared.pairs)[:4])
    experiment = opened(config_with(path, pairs=0), tmp_path / "run", sandbox)
    players = experiment.learner.new_players(device_key(0, "players"))
    losses = []
    for stretch in range(3):
        tick = Tick(stretch + 1, 0, stretch * 10, stretch * 10 + 10)
        players, metrics = imitate(experiment, players, tick)
        losses.append(metrics["learning/generator_imitation_loss"])
    assert losses[-1] < 0.5 * losses[0]


def test_originals_that_are_measured_with_are_left_out_whatever_they_wear(
    prepared: Prepared, sandbox: Sandbox, tmp_path: Path
) -> None:
    games = published([*prepared.pairs[:3], *prepared.exam[:2]])
    path = file_of(tmp_path / "published.jsonl", games)
    found = prepared_in(tmp_path / "run", config_with(path, pairs=0), sandbox).borrowed
    assert (list(found.games), found.held_out) == (games[:3], 2)
    only = file_of(tmp_path / "held_out.jsonl", games[3:])
    with pytest.raises(ConfigError, match=r"not held out, got none of 2 in .*; name another file"):
        prepared_in(tmp_path / "other", config_with(only, pairs=0), sandbox)


def test_a_run_goes_on_with_the_games_that_it_began_with(
    prepared: Prepared, sandbox: Sandbox, tmp_path: Path
) -> None:
    games = published(prepared.pairs)[:4]
    path = file_of(tmp_path / "published.jsonl", games)
    config = config_with(path, pairs=0)
    first = prepared_in(tmp_path / "run", config, sandbox)
    path.unlink()
    assert prepared_in(tmp_path / "run", config, sandbox).borrowed == first.borrowed


def test_what_does_not_fit_is_left_out_and_counted(
    prepared: Prepared, sandbox: Sandbox, tmp_path: Path
) -> None:
    game = published(prepared.pairs)[0]
    long = replace(game, original=game.original + "# " + "long " * 200 + "\n")
    path = file_of(tmp_path / "published.jsonl", [game, long])
    found = prepared_in(tmp_path / "run", config_with(path, pairs=0), sandbox).borrowed
    assert (found.games, found.too_long) == ((game,), 1)
    only = file_of(tmp_path / "long.jsonl", [long])
    with pytest.raises(ConfigError, match=r"expected games that fit .* got none of 1; raise the"):
        prepared_in(tmp_path / "other", config_with(only, pairs=0), sandbox)


@pytest.mark.parametrize("text", [None, '{"messages": []}\n', "\n"])
def test_a_file_of_something_else_is_one_clear_line(
    text: str | None, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "games.jsonl"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=r"^--config\.warm_start\.games: expected .*got.*; name"):
        prepared_in(tmp_path / "run", config_with(path, pairs=0), sandbox)
