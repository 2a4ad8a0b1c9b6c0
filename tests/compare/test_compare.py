"""Finished runs side by side: who belongs to which arm, what is refused, what is claimed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import run
from sinq_jax.compare.arms import CompareError, load_arms
from sinq_jax.compare.contrasts import contrasts, sentence
from sinq_jax.compare.curves import STRETCHES, harvest_table, in_play, points
from sinq_jax.config import Config, Crossplay
from tests.compare.scene import PAIRS, ROUNDS, WARM, arms, finished


def toy(seed: int = 0, play: bool = True, name: str = "toy") -> Config:
    return replace(Config(), name=name, seed=seed, play=play)


def claims(workdirs: list[Path]) -> list[str]:
    found = contrasts(load_arms(workdirs))
    return [sentence(each, len(found)) for each in found]


def test_runs_that_differ_in_the_seed_alone_are_one_arm(tmp_path: Path) -> None:
    found = load_arms(arms(tmp_path, 0.1))
    assert [arm.label for arm in found] == ["toy", "toy, control"]
    assert [list(arm.runs) for arm in found] == [[0, 1, 2], [0, 1, 2]]
    assert [arm.control for arm in found] == [False, True]


def test_what_cannot_change_results_and_names_make_no_arm(tmp_path: Path) -> None:
    other = replace(toy(1, name="renamed"), crossplay=Crossplay(originals=7))
    runs = [finished(tmp_path / "a", toy(0), 0.4), finished(tmp_path / "b", other, 0.4)]
    (arm,) = load_arms(runs)
    assert list(arm.runs) == [0, 1]


def test_a_lead_in_every_seed_holds_and_its_size_is_right(tmp_path: Path) -> None:
    (contrast,) = contrasts(load_arms(arms(tmp_path, 0.3)))
    assert contrast.shown
    assert contrast.seeds.difference.value == pytest.approx(0.3, abs=0.05)
    assert contrast.items is not None
    assert contrast.items.difference.value == pytest.approx(contrast.seeds.difference.value)
    assert contrast.items.difference.n == 3 * PAIRS
    assert contrast.flips == 0.25
    (claim,) = claims(sorted(tmp_path.iterdir()))
    assert claim.startswith(
        "play (toy) beats the control (toy, control) at equal steps: holds at p = "
    )
    assert "paired t test over 3 seeds, two-sided" in claim


def test_no_lead_is_not_shown(tmp_path: Path) -> None:
    (claim,) = claims(arms(tmp_path, 0.0))
    assert "at equal steps: not shown: p = " in claim


def test_a_control_that_leads_is_no_win_of_play(tmp_path: Path) -> None:
    (contrast,) = contrasts(load_arms(arms(tmp_path, -0.2)))
    assert contrast.seeds.p < 0.05
    assert not contrast.shown
    assert "at equal steps: not shown; the other way round it holds at p = " in sentence(
        contrast, 1
    )


def test_one_seed_shows_nothing_over_seeds(tmp_path: Path) -> None:
    (claim,) = claims(arms(tmp_path, 0.3, seeds=1))
    assert "not shown" in claim
    assert "one seed" in claim


def test_unequal_steps_show_nothing(tmp_path: Path) -> None:
    runs = [
        finished(tmp_path / f"{seed}-{play}", toy(seed, play), 0.6 if play else 0.3, updates=steps)
        for seed in range(3)
        for play, steps in ((True, 2 * ROUNDS), (False, ROUNDS))
    ]
    (claim,) = claims(runs)
    assert claim.endswith(
        f"not shown, because the steps are not equal ({WARM + ROUNDS} and {WARM + 2 * ROUNDS})."
    )


def test_arms_without_a_seed_in_common_are_not_tested(tmp_path: Path) -> None:
    runs = [finished(tmp_path / "a", toy(0), 0.5), finished(tmp_path / "b", toy(1, False), 0.3)]
    (claim,) = claims(runs)
    assert "not shown, because the arms share no seed" in claim


def test_several_contrasts_are_held_to_one_level(tmp_path: Path) -> None:
    runs = arms(tmp_path, 0.3)
    for seed in range(3):
        other = replace(toy(seed), learning=replace(Config().learning, updates=1))
        runs.append(finished(tmp_path / f"other-{seed}", other, 0.6 + 0.004 * seed))
    found = contrasts(load_arms(runs))
    assert [(one.arm.label, one.reference.label) for one in found] == [
        ("toy", "toy, control"),
        ("toy, learning.updates=1", "toy, control"),
        ("toy, learning.updates=1", "toy"),
    ]
    assert all(one.adjusted >= one.seeds.p for one in found)
    assert "Holm's correction for 3 contrasts" in sentence(found[0], len(found))


def test_a_curve_is_the_mean_of_the_seeds_at_each_step(tmp_path: Path) -> None:
    play, _ = load_arms(arms(tmp_path, 0.2))
    drawn = points(play, "benchmark/success")
    assert [step for step, _ in drawn] == [0, WARM, WARM + ROUNDS]
    ends = [run.sampled(run.last).mean() for run in play.runs.values()]
    assert drawn[-1][1].value == pytest.approx(sum(ends) / 3)
    assert drawn[-1][1].low < drawn[-1][1].value < drawn[-1][1].high


def test_what_a_weak_judge_admits_is_told_stretch_by_stretch(tmp_path: Path) -> None:
    """Ten rounds are ten stretches, of which the last one has no row here."""
    quirky = replace(toy(), rewards=replace(toy().rewards, judge="quirky"))
    runs = [
        finished(
            tmp_path / f"quirky-{seed}",
            replace(quirky, seed=seed),
            0.2,
            falsely_proven=0.02 + 0.04 * seed,
        )
        for seed in range(2)
    ]
    sound = finished(tmp_path / "sound", toy(), 0.3)
    [play] = load_arms([sound])
    assert harvest_table([play]) is None
    [quirky_arm, play] = load_arms([*runs, sound])
    drawn = in_play(quirky_arm, "generator/falsely_proven")
    assert [step for step, _ in drawn] == [WARM + each for each in range(1, ROUNDS)]
    assert [each.value for _, each in drawn] == pytest.approx([0.04 * r for r in range(1, ROUNDS)])
    table = harvest_table([quirky_arm, play])
    assert table is not None
    assert [line.cells[1] for line in table.lines] == ["-"] * len(drawn)


def played(number: int) -> dict[str, float]:
    """A row of metrics after a round."""
    return {"round": number, "step": WARM + number, "wall_s": 1.0, "evaluator/solve_rate": number}


def test_stretches_of_play_are_means_of_their_rounds(tmp_path: Path) -> None:
    run_dir = finished(tmp_path / "run", toy(), 0.3)
    rounds = 3 * STRETCHES + 1
    place = {"round": rounds, "step": WARM + rounds}
    for name, rows_of_play in (
        ("metrics.jsonl", [played(number) for number in range(1, rounds)]),
        ("held_out.jsonl", []),
    ):
        *before, last = map(json.loads, (run_dir / name).read_text().splitlines())
        rows = [*before, *rows_of_play, last | place]
        (run_dir / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    [arm] = load_arms([run_dir])
    drawn = in_play(arm, "evaluator/solve_rate")
    assert len(drawn) == STRETCHES
    assert [step for step, _ in drawn][:2] == [WARM + 4, WARM + 7]
    assert drawn[0][1].value == pytest.approx(2.5)


def refused(workdirs: list[Path]) -> str:
    with pytest.raises(CompareError) as found:
        load_arms(workdirs)
    assert "\n" not in str(found.value)
    return str(found.value)


def test_unlike_exams_are_refused(tmp_path: Path) -> None:
    runs = [
        finished(tmp_path / "a", toy(0), 0.4),
        finished(tmp_path / "b", toy(0, False), 0.4, exam="other"),
    ]
    assert "b: expected the held-out pairs of" in refused(runs)


def test_what_is_no_finished_run_is_refused(tmp_path: Path) -> None:
    going = finished(tmp_path / "going", toy(0), 0.4, finish=False)
    assert "expected a finished run, got one that stands at round 11" in refused([going])
    assert "nowhere" in refused([tmp_path / "nowhere"])
    assert "expected the workdirs of finished runs, got none" in refused([])
    old = finished(tmp_path / "old", toy(0), 0.4)
    (old / "held_out.jsonl").unlink()
    assert "held_out.jsonl: expected a readable file" in refused([old])


def test_one_run_twice_is_refused(tmp_path: Path) -> None:
    runs = [finished(tmp_path / name, toy(0), 0.4) for name in ("a", "b")]
    assert "expected one run for each arm and seed" in refused(runs)


def test_the_command_prints_and_writes_a_page_and_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [str(path) for path in arms(tmp_path / "runs", 0.3)]
    out = tmp_path / "out"
    assert run.main(["--job=compare", *runs, f"--workdir={out}"]) == 0
    shown = capsys.readouterr().out
    assert "play (toy) beats the control (toy, control) at equal steps: holds at p = " in shown
    assert [line.split()[1] for line in shown.splitlines() if line.startswith("step ")] == [
        *("0", str(WARM), str(WARM + ROUNDS))
    ]
    numbers = json.loads((out / "compare.json").read_text())
    assert numbers["contrasts"][0]["shown"] is True
    assert numbers["contrasts"][0]["over_seeds"]["n"] == 3
    page = (out / "compare.html").read_text()
    assert page.count("<svg") >= 3
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert numbers["contrasts"][0]["sentence"] in page
    assert run.main(["--job=compare", *runs, f"--workdir={out}"]) == 0
    assert (out / "compare.html").read_text() == page


def test_a_mistake_is_one_line_and_status_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["--job=compare", str(tmp_path)]) == 2
    assert run.main(["--job=compare", "--config=configs/tiny.py", str(tmp_path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("--config: expected none for --job=compare")
