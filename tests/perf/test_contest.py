"""Claims about the comparisons with other trainers: the real commands with a few tokens, and what
makes a comparison void.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perf import sampling, training
from perf.contest import Arm, Outcome, Result, check, hold, print_table, report
from perf.costs import decode_bytes, training_flops
from perf.entrants import texts
from perf.llamas import SHAPES, config, parameters
from perf.peers.work import Work
from perf.workers import ArmError
from sinq_jax.models.spec import ModelSpec

ROOT = Path(__file__).resolve().parents[2]
SMALL = ModelSpec(50, 16, 2, 4, 2, 4, 24, rope_theta=1e6, embedding_scale=1.0)
OURS = Arm("ours", "perf.peers.ours", sys.executable)
PEERS = {
    "tunix": os.environ.get("SINQ_TUNIX_PYTHON", ""),
    "transformers": os.environ.get("SINQ_REFERENCE_PYTHON", ""),
}


def work(job: str, **more: object) -> Work:
    fields = {"config": config(SMALL), "dtype": "float32", "tokens": texts(SMALL.vocab, 4, 9)}
    return Work(**{"job": job, "model": "", "new": 5, **fields, **more})  # type: ignore[arg-type]


def test_the_sampler_is_timed_and_reported_alone_where_no_peer_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcome = hold(work("sampling", group=3), [OURS], 2, ["first_token", "ceilings"])
    assert [each["tokens"] for each in outcome.results[0].rounds] == [4 * 3 * 5] * 2
    assert outcome.asked["first_token"]["wall_s"] > 0
    assert min(outcome.asked["ceilings"].values()) > 1e6
    print_table(outcome)
    report(outcome, "sampled")
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["metric"] == "sampled tokens per CPU-second"
    assert (last["peer"], last["ratio"]) == (None, None)
    assert last["ours"] > 0


@pytest.mark.parametrize("rank", [0, 2])
def test_the_train_step_learns_the_texts_while_it_is_timed(rank: int) -> None:
    outcome = hold(work("training", adapter_rank=rank), [OURS], 2, ["ceilings"])
    losses = [*outcome.results[0].warm["losses"], *outcome.results[0].rounds[-1]["losses"]]
    assert losses == sorted(losses, reverse=True)
    assert outcome.results[0].rounds[0]["tokens"] == 2 * 4 * 9


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("job", ["sampling", "training"])
def test_a_peer_computes_the_same_model_and_has_its_turns(name: str, job: str) -> None:
    if not PEERS[name]:
        pytest.skip(f"no variable names an interpreter that has {name}")
    peer = Arm(name, f"perf.peers.{name}", PEERS[name])
    outcome = hold(work(job), [OURS, peer], 1, [])
    ours, theirs = outcome.results
    assert ours.rounds[0]["tokens"] == theirs.rounds[0]["tokens"]


def test_an_arm_that_computes_something_else_makes_the_comparison_void() -> None:
    check("logits of it", 9e-4, 1e-3)
    for distance in (2e-3, float("nan")):
        with pytest.raises(ArmError, match="logits of it: expected within"):
            check("logits of it", distance, 1e-3)


def test_an_arm_that_ends_is_named_with_what_it_said_last(tmp_path: Path) -> None:
    (tmp_path / "broken_arm.py").write_text("raise SystemExit('no weights here')\n")
    broken = Arm("broken", "broken_arm", sys.executable, {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(ArmError, match="broken: expected an answer, got exit status 1: no weights"):
        hold(work("sampling"), [broken], 1, [])


def test_a_ratio_is_of_the_medians_by_cpu_seconds_on_a_cpu_and_by_wall_on_an_accelerator(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def result(name: str, device: str, wall: float, cpu: float) -> Result:
        rounds = [{"tokens": 100, "wall_s": wall * x, "cpu_s": cpu * x} for x in (1, 2, 9)]
        warm = {"setting": "", "compile_cpu_s": 0.0}
        return Result(name, {"device": device, "versions": ""}, warm, rounds)

    for device, ratio in (("cpu", 4.0), ("gpu", 3.0)):
        both = [result("ours", device, 1, 1), result("theirs", device, 3, 4)]
        report(Outcome(both, {}), "trained")
        last = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert last["ratio"] == ratio
        assert last["metric"].endswith("peer: theirs")
        assert last["ours"] == 50.0


def test_a_shape_has_as_many_parameters_as_its_name_says() -> None:
    sizes = {"6m": 6e6, "6m-wide": 6e6, "1.5b": 1.5e9, "7b": 7.1e9}
    for name, size in sizes.items():
        assert parameters(SHAPES[name]) == pytest.approx(size, rel=0.05), name


def test_what_decoding_reads_and_learning_computes_is_what_a_pencil_says() -> None:
    spec = ModelSpec(100, 8, layers=3, heads=4, kv_heads=2, head_dim=5, mlp=16)
    # 2 x 3 layers x 2 heads x 5 = 60 numbers a slot; 7 x 11 + 7 x 2 x 6 / 2 = 119 slots.
    assert decode_bytes(spec, 1000, 2, rows=7, group=2, prompt=11, new=6) == 2 * (1000 + 60 * 119)
    # 12 x 3 layers x 4 heads x 5 x 10 positions.
    assert training_flops(spec, 1000, 10) == 6000 + 7200
    assert training_flops(spec, 1000, 10, frozen=True) == 4000 + 7200


@pytest.mark.parametrize("command", [sampling, training])
@pytest.mark.parametrize(
    "wrong",
    [["--rounds", "0"], ["--rows", "x"], ["--shape", "9b"], ["--tunix-python", "no-such-python"]],
)
def test_a_mistake_is_one_line_and_status_2(
    command: object, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = command.main(wrong)  # type: ignore[attr-defined]
    except SystemExit as ended:
        status = int(ended.code or 0)
    assert status == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_python_without_the_peer_is_told_apart_from_none(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    command = [sys.executable, "-m", "perf.training", "--tunix-python", str(bare / "bin/python")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "a Python that has tunix, got one without it" in done.stderr
    assert len(done.stderr.splitlines()) == 1
