"""Cross-play of a run: its kept players and its last ones meet, and one responds to the last."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sinq_jax.checkpoint import CheckpointError, Checkpoints
from sinq_jax.experiment import Experiment
from sinq_jax.game.records import Game
from sinq_jax.league.meeting import Meeting, counts, meeting_of, rates
from sinq_jax.league.ratings import rate
from sinq_jax.league.response import responded
from sinq_jax.league.snapshots import Snapshots, numbers
from sinq_jax.players import Players, resting
from sinq_jax.report.crossplay import Crossplay, Response
from sinq_jax.statistics import clustered_rate, paired_difference

Played = Mapping[tuple[int, int], Sequence[Game]]
Say = Callable[[str], None]


def played_across(experiment: Experiment, workdir: Path, say: Say) -> Crossplay:
    """The matrix, the ratings and the best response of the run in ``workdir``, as far as it has
    come; ``say`` is told what is being done.

    Raises ``CheckpointError`` where no past players were kept or one of them cannot be read.
    """
    snapshots = Snapshots(workdir, experiment.learner)
    last, newest = _last(experiment, workdir)
    members = [number for number in numbers(workdir) if number < newest]
    if not members:
        raise CheckpointError(
            f"{workdir / 'league'}: expected past players, got none; play the run with "
            "--config.league.every_rounds above 0"
        )
    who, meeting = [*members, newest], meeting_of(experiment)

    def players(number: int) -> Players:
        return last if number == newest else snapshots.load(number)

    written = []
    for number in who:
        say(f"round {number}: the generator writes of {len(meeting.tasks)} held-out originals")
        written.append(meeting.written(players(number)))
    played = {}
    for column, number in enumerate(who):
        say(f"round {number}: the evaluator answers {len(who)} generators")
        past = players(number)
        for row, games in enumerate(written):
            played[row, column] = meeting.answered(past, games)
    response = None
    if experiment.config.crossplay.response_rounds:
        fresh = experiment.learner.anew(snapshots.load(members[0]))
        current = played[len(members), len(members)]
        response = _response(experiment, meeting, last, fresh, current, say)
    return _crossplay(meeting, who, written, played, response)


def _last(experiment: Experiment, workdir: Path) -> tuple[Players, int]:
    """The players at the newest checkpoint, and their round."""
    learner = experiment.learner
    checkpoints = Checkpoints(workdir / "checkpoints", 1, learner.origin.fingerprint)
    restored = checkpoints.restore(learner.template_to_play(), part=True)
    if restored is None:
        raise CheckpointError(f"{workdir}/checkpoints: expected a checkpoint, got none; play on")
    parts: Any = restored.players
    players = {name: resting(part["params"]) for name, part in parts.items()}
    return players, restored.progress.round


def _response(
    experiment: Experiment,
    meeting: Meeting,
    last: Players,
    fresh: Players,
    current: Sequence[Game],
    say: Say,
) -> Response | None:
    """What ``fresh`` players, after a best response to the last generator, do with the games that
    the last evaluator answered as ``current``; None where there are none.
    """
    rounds = experiment.config.crossplay.response_rounds
    generator = experiment.roller.lay_out(experiment.learner.params(last, "generator"))

    def told(done: int) -> None:
        say(f"best response: round {done} of {rounds}")

    before, names = rates(current)
    if not before:
        return None
    learned = responded(experiment, generator, fresh, told)
    after, _ = rates(meeting.answered(learned, current))
    return Response(
        rounds,
        clustered_rate(before, names),
        clustered_rate(after, names),
        paired_difference(before, after, names),
    )


def _crossplay(
    meeting: Meeting,
    who: Sequence[int],
    written: Sequence[Sequence[Game]],
    played: Played,
    response: Response | None,
) -> Crossplay:
    size = len(who)
    ratings = rate(
        *counts(meeting.programs, played, (size, size)),
        meeting.experiment.config.crossplay.resamples,
    )
    return Crossplay(
        players=tuple(who),
        validity=tuple(
            clustered_rate(
                [float(game.admitted) for game in games], [g.program.name for g in games]
            )
            for games in written
        ),
        matrix=tuple(
            tuple(clustered_rate(*rates(played[row, column])) for column in range(size))
            for row in range(size)
        ),
        difficulties=ratings.difficulties,
        abilities=ratings.abilities,
        response=response,
    )
