"""Claims about metrics.jsonl and its TensorBoard copy: in order, whole, exact after a resume."""

import json
import math
import os
import resource
import struct
from pathlib import Path

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event  # type: ignore[import-untyped]

from sinq_jax.metrics import MetricsError, MetricsWriter, deterministic_view, read_metrics


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def tensorboard_scalars(workdir: Path) -> list[tuple[int, str, float]]:
    (path,) = (workdir / "tensorboard").iterdir()
    content, place, scalars = path.read_bytes(), 0, []
    while place < len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        event = Event.FromString(content[place + 12 : place + 12 + length])
        scalars += [(event.step, v.tag, v.simple_value) for v in event.summary.value]
        place += 12 + length + 4
    return scalars


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    clock = Clock()
    with MetricsWriter(tmp_path, clock=clock) as writer:
        clock.now += 2.5
        writer.write(0, 10, {"warm_start/loss": np.float32(0.1), "game/level_10": 3})
    assert read_metrics(tmp_path) == [
        {"round": 0, "step": 10, "wall_s": 2.5}
        | {"warm_start/loss": float(np.float32(0.1)), "game/level_10": 3}
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_a_number_that_is_not_finite_leaves_the_file_plain_json(
    tmp_path: Path, value: float
) -> None:
    with MetricsWriter(tmp_path) as writer:
        writer.write(1, 1, {"learning/loss": value, "learning/entropy": 1.0})
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert json.loads(line, parse_constant=pytest.fail)["learning/loss"] is None
    assert tensorboard_scalars(tmp_path) == [(1, "learning/entropy", 1.0)]


@pytest.mark.parametrize("name", ["loss", "round", "Loss/x", "group/", "a b/c", "wall_s"])
def test_a_name_without_a_group_is_refused(tmp_path: Path, name: str) -> None:
    with MetricsWriter(tmp_path) as writer, pytest.raises(ValueError, match="expected a name like"):
        writer.write(0, 0, {name: 1.0})
    assert read_metrics(tmp_path) == []


def test_rows_may_share_a_step_but_never_go_back(tmp_path: Path) -> None:
    with MetricsWriter(tmp_path) as writer:
        writer.write(1, 5, {"a/b": 1})
        writer.write(1, 5, {"a/c": 1})
        with pytest.raises(ValueError, match=r"expected \(round, step\) >= \(1, 5\), got \(1, 4\)"):
            writer.write(1, 4, {"a/b": 1})


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_half_written_last_line_is_no_row_and_is_cut_off_on_opening(
    tmp_path: Path, cut: int
) -> None:
    path = tmp_path / "metrics.jsonl"
    with MetricsWriter(tmp_path) as writer:
        writer.write(0, 1, {"a/b": 1})
        writer.write(0, 2, {"a/b": 2})
    os.truncate(path, path.stat().st_size - cut)
    assert [row["step"] for row in read_metrics(path)] == [1]
    with MetricsWriter(tmp_path) as writer:
        writer.write(0, 2, {"a/b": 2})
    assert [row["a/b"] for row in read_metrics(path)] == [1, 2]


def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"round": 0, "step": 0, "wall_s": 0}\n{"round": \n{"round": 0}\n')
    with pytest.raises(MetricsError, match=r"metrics\.jsonl:2: expected a JSON object"):
        read_metrics(tmp_path)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(MetricsError, match="No such file or directory; play a run first"):
        read_metrics(tmp_path)
    with pytest.raises(MetricsError, match="cannot be written"):
        MetricsWriter(tmp_path / "nowhere")


def test_a_full_disk_is_one_clear_line_and_leaves_no_half_row(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with MetricsWriter(tmp_path) as writer:
        writer.write(0, 1, {"a/b": 1})
        limit = (tmp_path / "metrics.jsonl").stat().st_size + 10
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            with pytest.raises(MetricsError, match=r"cannot be written \(File too large"):
                writer.write(0, 2, {"a/b": 2})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        writer.write(0, 2, {"a/b": 3})
    assert [row["a/b"] for row in read_metrics(tmp_path)] == [1, 3]


def play(writer: MetricsWriter, clock: Clock, steps: range) -> None:
    for step in steps:
        clock.now += 1 + step % 3
        writer.write(step // 2, step, {"learning/loss": 1 / (step + 1), "time/round_s": clock.now})


def test_a_resumed_run_has_the_rows_and_events_of_an_undisturbed_one(tmp_path: Path) -> None:
    calm, torn = tmp_path / "calm", tmp_path / "torn"
    calm.mkdir()
    torn.mkdir()
    with MetricsWriter(calm, clock=Clock()) as writer:
        play(writer, Clock(), range(8))
    with MetricsWriter(torn, clock=Clock()) as writer:
        play(writer, Clock(), range(6))
    later = Clock()
    later.now += 1000
    with MetricsWriter(torn, clock=later) as writer:
        assert writer.truncate_after(1, 3) == 2
        play(writer, later, range(4, 8))
    assert deterministic_view(torn) == deterministic_view(calm)
    events = [[s for s in tensorboard_scalars(d) if s[1] != "time/round_s"] for d in (calm, torn)]
    assert events[0] == events[1]
    assert len(events[0]) == 8


def test_wall_time_goes_on_from_the_last_row_that_stays(tmp_path: Path) -> None:
    clock = Clock()
    with MetricsWriter(tmp_path, clock=clock) as writer:
        for step in (1, 2):
            clock.now += 10
            writer.write(0, step, {})
    clock.now += 500
    with MetricsWriter(tmp_path, clock=clock) as writer:
        writer.truncate_after(0, 1)
        clock.now += 5
        writer.write(0, 2, {})
    assert [row["wall_s"] for row in read_metrics(tmp_path)] == [10, 15]


def test_the_deterministic_view_drops_only_times(tmp_path: Path) -> None:
    with MetricsWriter(tmp_path) as writer:
        writer.write(0, 1, {"time/round_s": 3, "timely/x": 1})
    assert deterministic_view(tmp_path) == [{"round": 0, "step": 1, "timely/x": 1}]
