"""Online learning with all its features goes on after SIGKILL with the same bits; alarms and the
stop rule end a run, which then goes on from there.
"""

from pathlib import Path

from sinq_jax.metrics import read_metrics
from sinq_jax.same import differences
from tests.run.command import Command

ONLINE = "tests/run/online.py"
LIVES = (
    ("saving", 5),  # the reference, before the checkpoint of the same tick
    ("training", 13),  # since step 40: 10 steps, the two updates of round 1, the first of round 2
)


def test_a_run_with_every_feature_that_is_killed_ends_like_one_that_was_not(
    command: Command, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    done = command(one, config=ONLINE)
    assert done.returncode == 0, done.stderr
    for moment, call in LIVES:
        done = command.until(other, moment, call, "SIGKILL", config=ONLINE)
        assert done.returncode == -9, (moment, call, done.stderr)
    done = command(other, config=ONLINE)
    assert done.returncode == 0, done.stderr
    assert list(differences(one, other)) == []
    rows = [row for row in read_metrics(one) if row["round"] > 0]
    # What was compared had all features at work.
    for role in ("generator", "evaluator"):
        assert any(row.get(f"learning/{role}_policy_kl", 0) > 0 for row in rows)
        assert any(row.get(f"learning/{role}_policy_cut", 0) > 0 for row in rows)
    assert any(row.get("learning/evaluator_policy_bonus", 0) > 0 for row in rows)
    assert any(row.get("alarm/validity") for row in rows)
    assert any("alarm/logprob_gap" in row for row in rows)
    assert "alarm validity: " in done.stderr
    assert "Alarms" in (one / "report.html").read_text(encoding="utf-8")


def test_an_alarm_and_the_stop_rule_end_a_run_which_the_same_command_plays_on(
    command: Command, tmp_path: Path
) -> None:
    """Players that have learned nothing write nothing valid."""
    fresh = ("--config.warm_start.steps=0", "--config.alarms.validity_rounds=1")
    done = command(tmp_path, *fresh, "--config.alarms.stop=validity")
    assert done.returncode == 3, done.stderr
    assert "stopped by the alarm validity; the same command plays on" in done.stderr
    assert max(row["round"] for row in read_metrics(tmp_path)) == 1
    done = command(tmp_path, *fresh, "--config.alarms.held_out_benchmarks=1")
    assert done.returncode == 0, done.stderr
    assert "ended: no new best held-out success in 1 benchmarks" in done.stderr
    assert max(row["round"] for row in read_metrics(tmp_path)) == 2
