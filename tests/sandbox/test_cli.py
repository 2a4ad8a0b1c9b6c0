"""Claims about `python -m sandbox`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAIR = {
    "id": "a",
    "entry_point": "f",
    "original": "def f(x): return x",
    "variant": "def f(x): return abs(x)",
    "input": "{'x': -1}",
}


def call(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", *arguments]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, cwd=ROOT, check=False
    )


def verdicts(*lines: str) -> list[dict[str, Any]]:
    done = call("check", "--workers", "1", given="\n".join(lines) + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_check_answers_each_line_in_order_with_the_promised_keys() -> None:
    same = {**PAIR, "id": "b", "input": "{'x': 1}"}
    first, second = verdicts(json.dumps(PAIR), json.dumps(same))
    assert (first["id"], first["verdict"]) == ("a", "diverges")
    assert (second["id"], second["verdict"]) == ("b", "same")
    assert first.keys() == {"id", "verdict", "reason", "original", "variant"}
    assert first["original"].keys() == {"status", "value", "wall_s", "repeats"}
    assert first["variant"]["value"] == "1"


def test_a_bad_line_gets_an_invalid_verdict_and_the_others_theirs() -> None:
    bad = ["{", "[]", "7", '{"id": "c"}', json.dumps({**PAIR, "id": "d", "input": 3}), "\ud800x"]
    answers = verdicts(
        *[line.encode("utf-8", "replace").decode() for line in bad], json.dumps(PAIR)
    )
    assert [each["verdict"] for each in answers] == ["invalid"] * 6 + ["diverges"]
    assert [each["id"] for each in answers] == ["", "", "", "c", "d", "", "a"]
    assert "no entry_point" in answers[3]["reason"]
    assert "input is not a string" in answers[4]["reason"]


def test_nothing_in_nothing_out() -> None:
    assert verdicts() == []


def test_check_streams() -> None:
    command = [sys.executable, "-m", "sandbox", "check", "--workers", "1"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as running:  # type: ignore[call-overload]
        for name in ("first", "second"):
            running.stdin.write(json.dumps({**PAIR, "id": name}) + "\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == name
        running.stdin.close()
        assert running.wait() == 0


def test_a_reader_that_leaves_is_no_error() -> None:
    lines = "\n".join(json.dumps({**PAIR, "id": str(n)}) for n in range(300))
    shell = f"{sys.executable} -m sandbox check | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shell}"],
        input=lines,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert json.loads(done.stdout)["id"] == "0"
    assert done.stderr == ""


def test_run_prints_one_outcome(tmp_path: Path) -> None:
    program = tmp_path / "p.py"
    program.write_text("def f(x):\n    return {'x': x}\n", encoding="utf-8")
    done = call("run", "--entry-point", "f", "--input", '{"x": 1}', str(program))
    outcome = json.loads(done.stdout)
    assert done.returncode == 0
    assert (outcome["status"], outcome["value"]) == ("returned", "{'x': 1}")


def test_a_short_timeout_is_kept() -> None:
    slow = {**PAIR, "variant": "def f(x):\n    while True: pass"}
    done = call("check", "--timeout", "0.05", given=json.dumps(slow))
    answer = json.loads(done.stdout)
    assert (answer["verdict"], answer["variant"]["status"]) == ("diverges", "timeout")
    assert answer["variant"]["wall_s"] < 5


def test_doctor_names_each_protection_and_whether_it_is_active() -> None:
    done = call("doctor")
    assert done.returncode == 0
    for line in done.stdout.splitlines()[1:]:
        assert line.startswith(("yes ", "NO ")), line
    assert "stopped (timeout: CPU time)" in done.stdout


def test_a_demanded_layer_that_is_missing_is_one_clear_line() -> None:
    done = call("check", "--require", "network", "--without", "network")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "python -m sandbox: require: expected the layer network, got none"
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [[], ["check"], ["run"], ["doctor"]])
def test_help_is_everywhere(command: list[str]) -> None:
    done = call(*command, "--help")
    assert done.returncode == 0
    assert "usage" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["check", "--wrokers", "2"],
        ["check", "--workers", "many"],
        ["check", "--workers", "0"],
        ["check", "--timeout", "-1"],
        ["check", "--policy", "loose"],
        ["run", "--entry-point", "f"],
        ["run", "--entry-point", "f", "--input", "{}", "/no/such/file.py"],
    ],
)
def test_a_mistake_gets_status_2_and_one_line(arguments: list[str]) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
