"""Claims: the page shows what was measured of each checkpoint, in the order of rounds, with curves
where there are points enough; a damaged file costs one line.
"""

from pathlib import Path

import pytest

from sinq_jax.report.published import Results, Rows, benchmark_sections, read_results, write_results
from sinq_jax.report.published_charts import benchmark_curves
from sinq_jax.report.run_files import ReportError


def results(number: int | None, rate: float) -> Results:
    shares = {"pass@1": rate, "pass@2": rate + 0.1, "pass@5": rate + 0.2, "base pass@1": rate}
    values = [
        {
            "benchmark": "humaneval_plus",
            "name": name,
            "estimate": {"value": value, "low": value - 0.05, "high": value + 0.05, "n": 164},
        }
        for name, value in shares.items()
    ]
    head = ("benchmark", "figure", "value")
    rows = tuple(("humaneval_plus", name, f"{value:.2f}") for name, value in shares.items())
    compared = Rows(("benchmark", "verdict"), (("humaneval_plus", "better"),)) if number else None
    against = "the first" if number else None
    return Results("model", number, Rows(head, rows), against, compared, {"a": 3.0}, tuple(values))


def kept(workdir: Path, *found: Results) -> Path:
    for place, each in enumerate(found):
        folder = workdir / "benchmarks" / f"checkpoint-{place}"
        folder.mkdir(parents=True)
        write_results(folder, each)
    return workdir


def test_what_is_written_is_read_in_the_order_of_rounds(tmp_path: Path) -> None:
    late, early, none = results(130, 0.4), results(0, 0.3), results(None, 0.2)
    assert read_results(kept(tmp_path, late, early, none)) == [none, early, late]


def test_each_checkpoint_has_its_table_and_comparison(tmp_path: Path) -> None:
    [section] = benchmark_sections(kept(tmp_path, results(0, 0.3), results(130, 0.4)))
    page = str(section)
    assert page.index("After round 0") < page.index("After round 130")
    assert page.count("Compared with the first:") == 1
    assert page.count("<td>better</td>") == 1
    assert "Time: a 3 s." in page


def test_rounds_and_k_have_curves_where_there_are_points_enough() -> None:
    first, last = results(0, 0.3), results(130, 0.4)
    over_rounds, over_k = map(str, benchmark_curves([first, last]))
    assert "humaneval_plus: pass@k" not in over_rounds
    assert "humaneval_plus: pass@k" in over_k
    assert all(f"round {number}" in over_k for number in (0, 130))
    [alone] = map(str, benchmark_curves([first]))
    assert "pass@k" in alone


def test_a_run_that_was_not_measured_has_no_section(tmp_path: Path) -> None:
    assert benchmark_sections(tmp_path) == []
    assert benchmark_curves([]) == []


def test_a_damaged_file_costs_one_line(tmp_path: Path) -> None:
    workdir = kept(tmp_path, results(0, 0.3))
    [path] = (workdir / "benchmarks").rglob("results.json")
    path.write_text("{}")
    with pytest.raises(ReportError, match="expected what --job=benchmark writes"):
        read_results(workdir)
