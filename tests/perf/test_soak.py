"""Claims about the soak: the real thing for a few seconds, and that it tells growth from rest."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from perf.leaks import left_over, trends
from perf.soak import Soaked, main
from perf.soak_programs import HOSTILE, HOSTILE_SHARE, LIMITS, draw
from perf.vitals import Vitals, look, members
from sandbox import Check, Judgement, Sandbox

ROOT = Path(__file__).resolve().parents[2]
REST = Vitals(0.0, 20_000, 16_000, 12_000, 12, 9, 4, 2, 6, 0, 0, 1, 1)
FLAT = [replace(REST, at_s=float(n)) for n in range(20)]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what processes hold")


def test_a_few_seconds_of_soak_lose_no_verdict_and_leave_nothing_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "perf.soak", "--minutes", "0.08", "--workers", "2"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["wrong"], told["lost"]) == (0, 0), done.stdout
    assert told["checks"] >= 120
    assert told["killed"]["server killed here"] >= 1
    assert not [leak for leak in told["leaks"] if "memory" not in leak], done.stdout
    assert "kills by reason" in done.stdout
    assert done.returncode == bool(told["leaks"])


def test_every_hostile_program_has_the_verdict_that_the_soak_expects() -> None:
    with Sandbox(2, LIMITS) as sandbox:
        asked = [Check(h.kind, "f", h.original, h.variant, "{'x': 3}") for h in HOSTILE]
        judged = sandbox.check_all(asked)
    assert {j.id: j.verdict for j in judged} == {h.kind: h.verdict for h in HOSTILE}


def test_every_harmless_program_has_the_verdict_that_the_soak_expects() -> None:
    hostile = {each.kind for each in HOSTILE}
    drawn = [draw(rng, n) for rng in [Random(3)] for n in range(200)]
    harmless = [known for known in drawn if known.kind not in hostile]
    assert 0 < len(drawn) - len(harmless) < 2 * HOSTILE_SHARE * len(drawn)
    assert {known.verdict for known in harmless} == {"same", "diverges", "invalid"}
    with Sandbox(2, LIMITS) as sandbox:
        judged = sandbox.check_all([known.check for known in harmless])
    assert [j.verdict for j in judged] == [known.verdict for known in harmless]


def test_the_same_seed_draws_the_same_programs() -> None:
    def drawn(seed: int) -> list[object]:
        rng = Random(seed)
        return [draw(rng, number) for number in range(50)]

    assert drawn(1) == drawn(1) != drawn(2)


def test_rest_is_no_leak_and_growth_is_one() -> None:
    assert not [trend.name for trend in trends(FLAT) if trend.leaks]
    for name, step in {
        "memory_kib": 500,
        "lane_memory_kib": 500,
        "server_memory_kib": 500,
        "descriptors": 1,
        "lane_descriptors": 1,
        "server_descriptors": 1,
        "lanes": 1,
        "strays": 1,
        "zombies": 1,
        "server_zombies": 1,
        "files": 1,
    }.items():
        grown = [
            replace(each, **{name: getattr(each, name) + step * place})
            for place, each in enumerate(FLAT)
        ]
        (leak,) = [trend for trend in trends(grown) if trend.leaks]
        assert leak.slope == pytest.approx(60 * step)
        assert "LEAKS" in str(leak)


def test_growth_during_the_warm_up_is_none() -> None:
    warm = [replace(each, memory_kib=10_000) for each in FLAT[:5]] + FLAT[5:]
    assert not [trend for trend in trends(warm) if trend.leaks]


def test_a_wrong_verdict_and_a_lost_one_are_told_apart() -> None:
    soaked, known = Soaked(), draw(Random(0), 0)
    other = "same" if known.verdict != "same" else "diverges"
    soaked.take(known, Judgement("0", known.verdict, "as it should be"))  # type: ignore[arg-type]
    assert (soaked.wrong, soaked.lost) == ([], 0)
    soaked.take(known, Judgement("0", other, "by mistake"))  # type: ignore[arg-type]
    assert len(soaked.wrong) == 1
    soaked.take(known, Judgement("0", "unstable", "sandbox broken"))
    assert (len(soaked.wrong), soaked.lost, soaked.checks) == (1, 1, 3)


def test_a_look_sees_the_workers_and_what_is_left_behind(tmp_path: Path) -> None:
    with Sandbox(1), Sandbox(2) as sandbox:  # the first is another's and none of the second's
        sandbox.run("def f(x): return x", "f", "{'x': 1}")
        room = sandbox._room
        seen = look(0.0, room, tmp_path)
        assert (seen.lanes, seen.strays, seen.zombies, seen.files) == (2, 0, 0, 0)
        assert seen.servers == len(members(room)["server"]) >= 1
        assert seen.descriptors == len(os.listdir("/proc/self/fd"))
        assert seen.memory_kib > 1000
        (tmp_path / "forgotten").touch()
        running = left_over(room, tmp_path, 3)
    assert running[0].startswith(f"left behind: {seen.servers} process")
    assert running[1:] == ["left behind: 1 files", "left behind: 3 descriptors"]
    (tmp_path / "forgotten").unlink()
    assert left_over(room, tmp_path, 0) == []


@pytest.mark.parametrize("wrong", [["--minutes", "0"], ["--minutes", "x"], ["--workers", "0"]])
def test_a_mistake_is_one_line_and_status_2(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(wrong)
    except SystemExit as ended:
        status = int(ended.code or 0)
    assert status == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
