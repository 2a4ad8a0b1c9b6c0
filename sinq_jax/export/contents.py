"""What an export holds, made from the games of a run: streams that can be read again and again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sinq_jax.game.chats import Chat
from sinq_jax.game.prompts import Format
from sinq_jax.game.published import Published, published_game
from sinq_jax.game.records import Game
from sinq_jax.game.release import release_chat
from sinq_jax.game.store import GameStore
from sinq_jax.paper.rows import (
    PreferenceRow,
    evaluator_row,
    generator_row,
    prediction_row,
    preference_row,
)
from sinq_jax.paper.sets import training_sets


@dataclass(frozen=True)
class Contents:
    """``games``: every game of the run, anew at each call. ``chats``: conversations by the name of
    their set, ``games`` (each proven variant in the layout of the release) first. ``preferences``:
    pairs of answers.
    """

    games: Callable[[], Iterator[Game]]
    chats: dict[str, Callable[[], Iterator[Chat]]]
    preferences: Callable[[], Iterator[PreferenceRow]]


def contents(
    store: GameStore,
    rounds: Sequence[int],
    form: Format,
    seed: int,
    *,
    borrowed: Sequence[Published] = (),
    reference_quirks: bool = False,
) -> Contents:
    """Return what these rounds hold. One round is in memory at a time, and the training sets
    (`sinq_jax.paper.sets`), whose draws depend on ``seed``. Where the run has ``borrowed`` games of
    others to learn from, they are a set of chats too, in the layout of the release.
    """

    def games() -> Iterator[Game]:
        return store.games(rounds)

    def published() -> Iterator[Chat]:
        return (release_chat(each) for each in map(published_game, games()) if each is not None)

    sets = training_sets(games(), seed, reference_quirks=reference_quirks)
    chats: dict[str, Callable[[], Iterator[Chat]]] = {
        "games": published,
        "generator": lambda: (generator_row(form, each) for each in sets.generator),
        "prediction": lambda: (prediction_row(form, each) for each in sets.prediction),
        "evaluator": lambda: (evaluator_row(form, each) for each in sets.evaluator),
    }
    if borrowed:
        chats["borrowed"] = lambda: map(release_chat, borrowed)
    return Contents(games, chats, lambda: (preference_row(form, pair) for pair in sets.preferences))
