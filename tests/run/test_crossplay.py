"""Past players meet: equal players fare alike, the untrained ones are found out, all is shown."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from sinq_jax.checkpoint import CheckpointError, Checkpoints
from sinq_jax.config import ConfigError, Crossplay
from sinq_jax.experiment import Experiment
from sinq_jax.league.crossplay import played_across
from sinq_jax.league.job import hold_to_run
from sinq_jax.league.snapshots import Snapshots
from sinq_jax.players import Players
from sinq_jax.report import ReportError, write_report
from sinq_jax.report.crossplay import Crossplay as Found
from sinq_jax.report.crossplay import (
    crossplay_sections,
    crossplay_table,
    read_crossplay,
    response_told,
    write_crossplay,
)
from sinq_jax.statistics import Estimate
from tests.run.small import get_config


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def meeting_run(
    undisturbed: Path, experiment: Experiment, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The undisturbed run, as if it had kept untrained players at round 0, its last at round 1."""
    workdir = tmp_path_factory.mktemp("crossplay") / "run"
    shutil.copytree(undisturbed, workdir)
    snapshots, learner = Snapshots(workdir, experiment.learner), experiment.learner
    snapshots.keep(0, learner.new_players(jax.random.key(5)))
    snapshots.keep(1, last_players(experiment, workdir))
    return workdir


def last_players(experiment: Experiment, workdir: Path) -> Players:
    restored = Checkpoints(workdir / "checkpoints", 2).restore(experiment.learner.template())
    assert restored is not None
    return restored.players


@pytest.fixture(scope="module")
def found(experiment: Experiment, meeting_run: Path, told: list[str]) -> Found:
    # The small model knows its training programs and no others, so they are the exam here.
    size = Crossplay(originals=6, variants=4, answers=4, response_rounds=1, resamples=40)
    known = replace(
        experiment, exam=experiment.pairs, config=replace(experiment.config, crossplay=size)
    )
    return played_across(known, meeting_run, told.append)


def values(row: Sequence[Estimate]) -> list[float]:
    return [each.value for each in row]


def test_equal_players_fare_alike_to_the_last_answer(found: Found) -> None:
    assert found.players == (0, 1, 3)
    assert found.matrix[1] == found.matrix[2]
    assert found.validity[1] == found.validity[2]
    assert found.difficulties[1] == found.difficulties[2]
    for row in found.matrix:
        assert row[1] == row[2] or not row[1].n


def test_untrained_players_are_found_out(found: Found) -> None:
    assert found.validity[0].value < found.validity[2].value
    assert found.matrix[2][0].value < found.matrix[2][2].value
    assert found.abilities[0].value < found.abilities[2].value
    assert found.matrix[2][0].n == found.matrix[2][2].n > 0


def test_the_best_response_is_compared_on_the_same_variants(found: Found, told: list[str]) -> None:
    response = found.response
    assert response is not None
    assert response.rounds == 1
    assert response.current == found.matrix[2][2]
    gap = response.fresh.value - response.current.value
    assert response.exploitability.value == pytest.approx(gap)
    assert told[-1] == "best response: round 1 of 1"


def test_it_is_kept_and_shown(found: Found, meeting_run: Path) -> None:
    assert crossplay_sections(meeting_run) == []
    write_crossplay(meeting_run, found)
    back = read_crossplay(meeting_run)
    assert back is not None
    assert crossplay_table(back) == crossplay_table(found)
    assert np.array_equal(values(back.abilities), values(found.abilities))
    page = write_report(meeting_run).read_text()
    assert "Cross-play" in page
    assert "Exploitability" in page
    assert "Ratings" in page
    (meeting_run / "crossplay.json").write_text('{"players": 3}')
    with pytest.raises(ReportError, match="expected what --job=crossplay writes"):
        read_crossplay(meeting_run)


def test_without_past_players_or_a_response_it_says_so(
    experiment: Experiment, undisturbed: Path, told: list[str]
) -> None:
    with pytest.raises(CheckpointError, match="expected past players, got none"):
        played_across(experiment, undisturbed, told.append)
    assert "No best response" in response_told(None)


def test_another_config_than_the_runs_is_refused(undisturbed: Path) -> None:
    hold_to_run(replace(get_config(), crossplay=Crossplay(originals=3)), undisturbed)
    with pytest.raises(ConfigError, match="seed 0 -> 7"):
        hold_to_run(replace(get_config(), seed=7), undisturbed)
