"""Claims about the closing table: the moment of each number, its shape, and what is left out."""

import re

from sinq_jax.metrics import Row
from sinq_jax.report import as_text, closing_table


def row(number: int, step: int, **values: float) -> Row:
    named = {name.replace("__", "/"): value for name, value in values.items()}
    return {"round": number, "step": step, "wall_s": 0.0, **named}


def cells(rows: list[Row], measure: str, **how: object) -> tuple[str, ...]:
    table = closing_table(rows, **how)  # type: ignore[arg-type]
    (found,) = (line.cells for line in table.lines if line.measure.strip() == measure)
    return found


SUCCESS = "evaluator: held-out success, sampled"


def test_each_column_holds_the_last_number_of_its_part_of_the_run() -> None:
    rows = [
        row(0, 0, benchmark__success=0.1),
        row(0, 9, benchmark__success=0.2),
        row(1, 10, benchmark__success=0.3),
        row(2, 11, benchmark__success=0.4),
        row(3, 12, learning__loss=1.0),
    ]
    assert cells(rows, SUCCESS) == ("0.200", "0.400")


def test_intervals_and_denominators_stand_beside_their_number() -> None:
    rows = [
        row(0, 9, benchmark__success=0.412)
        | {f"benchmark/success_{k}": v for k, v in (("low", 0.391), ("high", 0.433), ("n", 1600))}
    ]
    assert cells(rows, SUCCESS) == ("0.412 [0.391, 0.433] n=1600", "-")


def test_a_number_that_was_not_finite_is_passed_over() -> None:
    rows = [row(0, 1, benchmark__success=0.2), {**row(0, 2), "benchmark/success": None}]
    assert cells(rows, SUCCESS) == ("0.200", "-")


def test_strata_come_in_order_of_density_with_their_bounds() -> None:
    names = ["0.50", "0.05", "0.20"]
    strata = {f"benchmark/success_density_{name}": 0.3 for name in names}
    extra = {"benchmark/success_density_0.05_low": 0.2}
    lines = closing_table([row(0, 0) | strata | extra]).lines
    assert [line.measure.strip() for line in lines] == [
        "density in (0, 0.05]",
        "density in (0.05, 0.20]",
        "density in (0.20, 0.50]",
    ]


def test_play_is_shown_as_the_mean_of_its_last_ten_rounds() -> None:
    rows = [
        row(number, number, evaluator__solve_rate=float(number > 10)) for number in range(1, 21)
    ]
    rows.insert(0, row(0, 0, evaluator__solve_rate=0.5))
    assert cells(rows, "evaluator: solve rate on these variants") == ("-", "1.000")
    assert cells(rows, "means of the last 10 rounds of play") == ()


def test_the_control_arm_has_its_own_column_and_name() -> None:
    rows, control = [row(1, 1, benchmark__success=0.4)], [row(1, 1, benchmark__success=0.3)]
    assert closing_table(rows, control=control).head[2:] == ("after play", "after the control")
    assert cells(rows, SUCCESS, control=control) == ("-", "0.400", "0.300")
    assert closing_table(control, played=False).head[-1] == "after the control"


def test_what_was_not_measured_is_left_out() -> None:
    assert closing_table([]).lines == ()
    assert as_text(closing_table([row(0, 0)])).count("\n") == 1


def test_columns_of_the_text_are_aligned() -> None:
    rows = [row(0, 1, benchmark__success=0.2), row(1, 2, generator__parse_rate=0.9)]
    head, rule, *lines = as_text(closing_table(rows)).splitlines()
    starts = [found.start() for found in re.finditer("-+", rule)]
    assert [head[place:].split("  ")[0] for place in starts] == [
        "measure",
        "end of warm start",
        "after play",
    ]
    for line in lines:
        assert all(line[place - 2 : place] in ("", "  ") for place in starts[1:])
