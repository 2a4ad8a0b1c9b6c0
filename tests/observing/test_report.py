"""Claims about report.html: self-contained, escaped, the same for the same files, and honest."""

import json
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.store import Entry, GameStore
from sinq_jax.metrics import Row
from sinq_jax.report import ReportError, RunFiles, load_run, write_report
from sinq_jax.report.chart import Series, line_chart, ticks
from sinq_jax.report.findings import findings
from sinq_jax.report.learning import learning_charts
from sinq_jax.report.page import _rulings, report_page
from sinq_jax.statistics import Estimate
from tests.observing.small_run import HOSTILE, make_run, measured

VOID = {"meta", "br", "col"}


class Outline(HTMLParser):
    """Reads a page as a browser does: tags, attributes, and whether every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    return parser


@pytest.fixture(scope="module")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("runs") / "play", rounds=20)


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("runs") / "control", rounds=20, play=False)


def test_the_page_is_one_file_that_loads_and_runs_nothing(workdir: Path, control: Path) -> None:
    page = write_report(workdir, control).read_text(encoding="utf-8")
    seen = outline(page)
    assert seen.open == []
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(seen.tags)
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert not {"src", "href", "srcdoc", "action"} & seen.attributes
    assert not re.search(r"https?:|url\(|@import", page)
    assert seen.tags["svg"] > 10
    assert "prefers-color-scheme: dark" in page


def test_hostile_text_is_shown_and_not_obeyed(workdir: Path) -> None:
    page = report_page(load_run(workdir))
    assert "&lt;/script&gt;&lt;script&gt;alert('x')&lt;/script&gt;" in page
    assert r"\u202e\x00\x1b[31m\ud800 &amp;" in page
    assert HOSTILE not in page
    assert not set(page) & {"\u202e", "\x00", "\x1b", "\ud800"}


def test_a_hostile_name_of_a_run_or_metric_is_escaped(tmp_path: Path) -> None:
    run = RunFiles(tmp_path, {"config": {"name": HOSTILE, "<b>": "<i>"}}, [], [])
    seen = outline(report_page(run))
    assert seen.tags["script"] == seen.tags["img"] == seen.tags["b"] == 0


def test_the_same_files_give_the_same_page(workdir: Path, control: Path) -> None:
    assert report_page(load_run(workdir), load_run(control)) == report_page(
        load_run(workdir), load_run(control)
    )


def test_every_ruling_is_counted_with_its_reason(workdir: Path) -> None:
    with GameStore(workdir / "games.sqlite", readonly=True) as store:
        variants = Counter((e.verdict, e.reason) for e in store.entries())
        answers = store.answer_rulings()
    page = report_page(load_run(workdir))
    for counts in (variants, answers):
        total = sum(counts.values())
        for (_, reason), count in counts.items():
            share = f"{count:,} of {total:,} ({100 * count / total:.1f}%)"
            assert f'<td>{reason}</td><td class="number">{share}</td>' in page


def test_a_long_list_of_reasons_ends_in_a_sum() -> None:
    entries = [Entry(1, i, "p", 5, 0, 0, "invalid", f"reason {i:02}", None) for i in range(30)]
    counts = Counter((entry.verdict, entry.reason) for entry in entries)
    table = _rulings("t", counts)
    assert table is not None
    assert table.count("reason ") == 24
    assert "6 other reasons, 6 of 30 (20.0%)" in table


def test_learning_curves_are_found_by_what_they_measure(workdir: Path) -> None:
    figures = {
        re.findall("<b>(.*?)</b>", chart)[0]: re.findall(r"</svg>([^<]+)<i>", chart)
        for chart in learning_charts(load_run(workdir))
    }
    assert figures["Loss"] == ["evaluator imitation", "evaluator policy", "generator imitation"]
    assert figures["Rewards"] == ["evaluator", "generator"]
    assert figures["Learning rate"] == ["learning"]
    assert "Checks per second" not in figures


def test_a_dozen_games_can_be_read_with_edit_proof_and_answers(workdir: Path) -> None:
    page = report_page(load_run(workdir))
    games = page.partition("<h2>Games to read</h2>")[2].partition("<h2>")[0]
    assert games.count('<article class="game">') == 12
    assert games.count('class="diff"') == games.count("Generator's input") == 12
    assert games.count('class="answers"') == 12


def test_each_section_appears_only_with_something_in_it(tmp_path: Path, control: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    bare = re.findall("<h2>(.*?)</h2>", report_page(load_run(tmp_path)))
    assert bare == ["In short", "How to read this"]
    headings = re.findall("<h2>(.*?)</h2>", report_page(load_run(control)))
    assert "Held-out measurements" in headings
    assert "Games to read" not in headings


def run_of(*successes: tuple[float, float], play: bool = True) -> RunFiles:
    """A run whose (value, half width) of held-out success is measured once in each round from 0."""
    rows: list[Row] = [
        {"round": i, "step": i, "wall_s": 0.0, **measured("benchmark/success", value, 400, half)}
        for i, (value, half) in enumerate(successes)
    ]
    return RunFiles(Path("run"), {"config": {"play": play}}, rows, [])


def test_a_change_is_claimed_only_where_intervals_are_apart() -> None:
    (gain, _) = findings(run_of((0.30, 0.02), (0.40, 0.02)), None)
    assert "are apart, so the rise is beyond the noise" in gain
    (loss, _) = findings(run_of((0.40, 0.02), (0.30, 0.02)), None)
    assert "are apart, so the fall is beyond the noise" in loss
    (neither, _) = findings(run_of((0.30, 0.02), (0.33, 0.02)), None)
    assert "overlap, so they do not tell the two apart" in neither


def test_without_a_control_arm_no_gain_is_credited_to_play() -> None:
    run = run_of((0.30, 0.02), (0.40, 0.02))
    assert "No control arm is shown" in findings(run, None)[-1]
    close = run_of((0.30, 0.02), (0.39, 0.02), play=False)
    assert "reached 0.390 [0.370, 0.410]" in findings(run, close)[-1]
    assert "overlap" in findings(run, close)[-1]


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_axis_ticks_are_few_and_cover_the_data(low: float, width: float) -> None:
    marks = ticks(low, low + width)
    assert 2 <= len(marks) <= 7
    assert marks[0] <= low + 1e-6 * width + 1e-9
    assert marks[-1] >= low + width * (1 - 1e-6) - 1e-9
    assert marks == sorted(set(marks))


def test_only_points_with_intervals_get_a_band() -> None:
    bounded = [(0.0, Estimate(0.5, 0.4, 0.6, 9)), (1.0, Estimate(0.6, 0.5, 0.7, 9))]
    bare = [(x, Estimate(e.value, float("nan"), float("nan"), 0)) for x, e in bounded]
    charts = [line_chart("t", [Series("s", "deep", p)], x_label="x") for p in (bounded, bare, [])]
    assert [chart and chart.count("<polygon") for chart in charts] == [1, 0, None]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "sinq_jax.report", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_the_command_prints_the_table_and_the_page(workdir: Path, control: Path) -> None:
    done = command(str(workdir), "--control", str(control))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split("  ")[0] == "measure"
    assert done.stdout.splitlines()[-1] == str(workdir / "report.html")


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({}, "expected the workdir of a run"),
        ({"config.json": "{"}, "expected the workdir of a run"),
        ({"config.json": "{}", "metrics.jsonl": "x\n{}\n"}, "expected a JSON object"),
        ({"config.json": "{}", "games.sqlite": "x" * 200}, "not an sqlite file"),
    ],
    ids=["empty", "broken config", "broken metrics", "broken games"],
)
def test_a_broken_workdir_is_one_clear_line(
    tmp_path: Path, files: dict[str, str], word: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(ReportError, match=word) as caught:
        load_run(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_command_ends_with_status_2_on_a_broken_workdir(tmp_path: Path) -> None:
    done = command(str(tmp_path))
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")


def test_config_and_surroundings_are_on_the_page(workdir: Path) -> None:
    record = json.loads((workdir / "config.json").read_text())
    page = report_page(load_run(workdir))
    assert f"<td>selfplay.rounds</td><td><code>{record['config']['selfplay']['rounds']}<" in page
    assert "<td>cpu:0</td>" in page
