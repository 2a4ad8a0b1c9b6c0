"""Claims about receipts and the page: the same each time, enough to judge again, and escaped."""

import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sinq_jax.audit.files import prepare_folder, write_audit
from sinq_jax.audit.judging import Audit, audit
from sinq_jax.audit.page import MOST_CARDS, audit_page
from sinq_jax.audit.proofs import AuditError
from sinq_jax.audit.reading import read_files
from sinq_jax.audit.receipts import receipts
from sinq_jax.config.files import REPOSITORY
from tests.audit.scene import CASES, LIMITS, Case, f, pair, write_all, write_lines
from tests.audit.test_findings import made_up

HOSTILE = "</code><script>alert('x')</script>\u202e<img src=x onerror=x()>"


def test_two_audits_write_the_same_files_to_the_byte(everything: Audit, tmp_path: Path) -> None:
    again = audit(read_files(write_all(tmp_path, *CASES)), workers=1, limits=LIMITS)
    assert list(receipts(again)) == list(receipts(everything))
    assert audit_page(again) == audit_page(everything)


def test_a_receipt_tells_programs_input_outcomes_and_conditions(everything: Audit) -> None:
    receipt = json.loads(next(receipts(everything)))
    assert receipt["original"] == CASES[0].original
    assert receipt["outcomes"]["original"].pop("digest")
    assert receipt["outcomes"]["original"] == {"status": "returned", "value": "10", "repeats": 2}
    assert receipt["difficulty"] == 5
    assert receipt["rows"][4] == {"place": "store: round 1, game 0", "difficulty": 5}
    assert {"limits", "seeds", "policy", "exceptions", "python", "rules"} <= {
        *receipt["conditions"]
    }


def test_receipts_are_questions_to_the_sandbox_which_answers_with_the_same_verdicts(
    everything: Audit,
) -> None:
    lines = list(receipts(everything))
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "check", "--timeout", str(LIMITS.cpu_s)],
        input="".join(lines),
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=True,
    )
    told = [json.loads(line) for line in lines]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for key in ("id", "verdict", "reason"):
        assert [each[key] for each in found] == [each[key] for each in told]


class Reader(HTMLParser):
    """Collects the tags of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_every_disputed_proof_and_no_other(everything: Audit) -> None:
    page = audit_page(everything)
    disputed = [judged for judged in everything.judged if judged.finding.disputed]
    assert page.count("<article") == len(disputed)
    assert all(f"proof {judged.proof.id}" in page for judged in disputed)
    assert len(disputed) == len([c for c in CASES if c.verdict != "diverges"]) + 1


def test_the_page_shows_edit_input_outcomes_verdict_and_reason(everything: Audit) -> None:
    page = audit_page(everything)
    start = page.index("same exception</h3>")
    reader = Reader()
    reader.feed(page[start : page.index("</article>", start)])
    assert "-    return 10 // x" in reader.text
    assert "+    return 20 // (2 * x)" in reader.text
    assert "{'x': 0}" in reader.text
    assert reader.text.count("raised: ZeroDivisionError: ") == 2


def test_hostile_programs_inputs_and_names_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    case = Case(f(f"return 10 // x # {HOSTILE}"), f"{{'x': 1}} # {HOSTILE}", "", "")
    row = pair(case) | {"function_name": "f"}
    folder = tmp_path / "<b>"
    folder.mkdir()
    sources = read_files([write_lines(folder / "<i>", row), write_lines(tmp_path / "a", row)])
    page = audit_page(audit(sources, workers=1))
    reader = Reader()
    reader.feed(page)
    assert not {"script", "img", "b>", "link", "iframe"} & reader.tags
    assert "\u202e" not in page
    assert reader.text.count("<script>alert('x')</script>") >= 2
    assert "<b>/<i>" in reader.text


def test_line_ends_and_blanks_behind_lines_are_no_edit() -> None:
    audited = made_up("-", "p", [3])
    judged = audited.judged[0]
    published = replace(
        judged.rows[0].published,
        original="def f(x):  \r\n\treturn x\r\n",
        variant="def f(x):\n\treturn -x\n",
    )
    row = replace(judged.rows[0], published=published)
    sources = [replace(source, rows=(row,)) for source in audited.sources]
    page = audit_page(Audit(sources, [replace(judged, proof=row.proof, rows=(row,))]))
    assert page.count('class="del"') == page.count('class="ins"') == 1


def test_a_long_group_is_cut_and_says_so() -> None:
    count = MOST_CARDS + 3
    page = audit_page(made_up("-" * count, "p" * count, [3] * count))
    assert page.count("<article") == MOST_CARDS
    assert "and 3 more in receipts.jsonl" in page


def test_files_replace_earlier_ones_as_a_whole(everything: Audit, tmp_path: Path) -> None:
    folder = prepare_folder(tmp_path / "new" / "audit")
    assert list(folder.iterdir()) == []
    (folder / "audit.html").write_text("old")
    assert [path.name for path in write_audit(folder, everything)] == [
        "receipts.jsonl",
        "audit.html",
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["audit.html", "receipts.jsonl"]
    assert len((folder / "receipts.jsonl").read_text().splitlines()) == len(CASES)
    assert "old" not in (folder / "audit.html").read_text()[:20]


def test_a_folder_that_cannot_be_written_is_known_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditError, match="give another --out"):
        prepare_folder(tmp_path / "file")
