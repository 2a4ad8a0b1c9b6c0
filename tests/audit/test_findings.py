"""Claims about what an audit finds: every reason, each proof once, shares with intervals."""

from dataclasses import replace

import pytest

from sandbox import Judgement, Outcome
from sinq_jax.audit.judging import Audit, Judged
from sinq_jax.audit.proofs import Row, Source
from sinq_jax.audit.reasons import MESSAGE_ONLY, SANDBOX_BROKE, Finding, finding
from sinq_jax.audit.table import by_difficulty, by_file, reasons, summary, text_report
from sinq_jax.game.published import publish
from sinq_jax.report.closing import Line
from sinq_jax.statistics import clustered_rate, wilson
from tests.audit.scene import CASES, FORMATS


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{n} {CASES[n].reason}")
def test_every_case_gets_its_verdict_and_reason(everything: Audit, number: int) -> None:
    case, judged = CASES[number], everything.judged[number]
    assert judged.proof.input == case.input
    assert judged.finding == Finding(case.verdict, case.reason)  # type: ignore[arg-type]


def test_a_proof_is_judged_once_for_all_the_rows_that_publish_it(everything: Audit) -> None:
    assert len(everything.judged) == len(CASES)
    assert {len(judged.rows) for judged in everything.judged} == {len(FORMATS)}


def test_what_holds_only_by_a_message_counts_as_holding_and_is_disputed() -> None:
    message, value = Finding("diverges", MESSAGE_ONLY), Finding("diverges", "different values")
    assert (message.holds, message.disputed) == (True, True)
    assert (value.holds, value.disputed) == (True, False)
    assert Finding("same", "same value").disputed


@pytest.mark.parametrize("side", [0, 1])
def test_a_broken_sandbox_is_never_blamed_on_a_program(side: int) -> None:
    outcomes = [Outcome("returned", value="1", encoding="1"), Outcome("broken", error="died")]
    judgement = Judgement("a", "unstable", "original: broken: died", *outcomes[:: 1 - 2 * side])
    found = finding(judgement, "{}", same_type=False, recursion=False)
    assert found == Finding("unstable", SANDBOX_BROKE)


def test_an_audit_counts_the_proofs_at_which_the_sandbox_broke() -> None:
    broke = replace(SMALL.judged[0], finding=Finding("unstable", SANDBOX_BROKE))
    assert SMALL.broken == 0
    assert replace(SMALL, judged=[broke, *SMALL.judged[1:]]).broken == 1


def made_up(holds: str, originals: str, levels: list[int | None]) -> Audit:
    """An audit without a sandbox: ``+`` holds, ``m`` by its message, ``-`` same, ``?`` unstable."""
    findings = {
        "+": Finding("diverges", "different values"),
        "m": Finding("diverges", MESSAGE_ONLY),
        "-": Finding("same", "same value"),
        "?": Finding("unstable", "does not repeat"),
    }
    judged = []
    for number, (sign, original, level) in enumerate(zip(holds, originals, levels, strict=True)):
        row = Row(f"a:{number}", publish("f", original, str(number), "{}", level))
        judgement = Judgement("", findings[sign].verdict, "")
        judged.append(Judged(row.proof, (row,), judgement, findings[sign]))
    rows = tuple(row for each in judged for row in each.rows)
    return Audit([Source("a", rows), Source("b", rows[:2] * 2)], judged)


SMALL = made_up("+m+--?++", "ppqqqrst", [0, 0, 4, 5, 10, 10, 10, None])


def percent(signs: str, clusters: str) -> tuple[str, str]:
    estimate = clustered_rate([float(sign in "+m") for sign in signs], clusters)
    low, high = 100 * estimate.low, 100 * estimate.high
    return f"{100 * estimate.value:.1f}%", f"[{low:.1f}, {high:.1f}]"


def test_the_table_by_difficulty_has_these_digits() -> None:
    one = wilson(1, 1)
    all_of_two = f"[{100 * wilson(2, 2).low:.1f}, 100.0]"
    assert by_difficulty(SMALL).lines == (
        Line("0", ("2", "100.0%", f"[{100 * one.low:.1f}, 100.0]", "1", "0", "0", "0")),
        Line("4", ("1", "100.0%", f"[{100 * one.low:.1f}, 100.0]", "0", "0", "0", "0")),
        Line("5", ("1", "0.0%", "[0.0, 79.3]", "0", "1", "0", "0")),
        Line("10", ("3", *percent("-?+", "qrs"), "0", "1", "0", "1")),
        Line("0-4", ("3", "100.0%", all_of_two, "1", "0", "0", "0")),
        Line("5-9", ("1", "0.0%", "[0.0, 79.3]", "0", "1", "0", "0")),
        Line("unknown", ("1", "100.0%", f"[{100 * one.low:.1f}, 100.0]", "0", "0", "0", "0")),
        Line("all", ("8", *percent("+m+--?++", "ppqqqrst"), "1", "2", "0", "1")),
    )


def test_the_table_by_file_counts_rows_and_different_proofs() -> None:
    cells = {line.measure: line.cells[:3] for line in by_file(SMALL).lines}
    assert cells == {
        "a": ("8", "8", "62.5%"),
        "b": ("4", "2", "100.0%"),
        "all, each proof once": ("12", "8", "62.5%"),
    }


def test_the_table_of_reasons_goes_by_verdict_and_then_by_count() -> None:
    table = reasons(SMALL)
    assert table.head == ("verdict: reason", "all", "0-4", "5-9", "10", "unknown")
    assert table.lines == (
        Line("diverges: different values", ("4", "2", "0", "1", "1")),
        Line(f"diverges: {MESSAGE_ONLY}", ("1", "1", "0", "0", "0")),
        Line("same: same value", ("2", "0", "1", "1", "0")),
        Line("unstable: does not repeat", ("1", "0", "0", "1", "0")),
    )


def test_the_summary_says_how_many_hold_of_how_many() -> None:
    share, interval = percent("+m+--?++", "ppqqqrst")
    assert summary(SMALL) == (
        f"5 of 8 proofs hold ({share} {interval}), 1 of them only by the message of an exception. "
        "Published in 12 rows of 2 files, about 5 originals."
    )


def test_intervals_take_originals_for_trials_and_not_proofs() -> None:
    signs = "+-" * 20
    apart = made_up(signs, "".join(chr(65 + n) for n in range(40)), [1] * 40)
    together = made_up("+" * 20 + "-" * 20, "p" * 20 + "q" * 20, [1] * 40)
    assert by_difficulty(apart).lines[-1].cells[1] == by_difficulty(together).lines[-1].cells[1]
    assert by_difficulty(together).lines[-1].cells[2] == "[0.0, 100.0]"
    assert by_difficulty(apart).lines[-1].cells[2] != "[0.0, 100.0]"


def test_a_proof_counts_at_the_first_difficulty_it_was_published_with() -> None:
    judged = SMALL.judged[0]
    (row,) = judged.rows
    told = [replace(row.published, level=level) for level in (None, 10, 3, 10)]
    rows = tuple(replace(row, published=published) for published in told)
    several = replace(judged, rows=rows)
    assert (several.level, several.levels) == (10, [3, 10])
    audit = replace(SMALL, judged=[several, *SMALL.judged[1:]])
    assert "(1 were published with several)" in text_report(audit)


def test_nothing_to_judge_gives_a_table_of_dashes() -> None:
    text = text_report(Audit([Source("a", (), ("a:1: not JSON",) * 12, 3)], []))
    assert "0 of 0 proofs hold (-)" in text
    assert "3 games claimed no proof" in text
    assert "12 lines could not be read:\n  a:1: not JSON" in text
    assert text.endswith("and 2 more")
