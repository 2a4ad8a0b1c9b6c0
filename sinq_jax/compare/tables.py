"""The tables of a comparison: arms beside each other, seed by seed, and tested."""

import math
from collections.abc import Callable, Sequence
from statistics import fmean

from sinq_jax.compare.arms import Arm, Finished
from sinq_jax.compare.contrasts import Contrast
from sinq_jax.compare.significance import Tested, mean_over_seeds
from sinq_jax.report.closing import LAST_ROUNDS, NOTHING, Line, Table, cell, last_of
from sinq_jax.report.crossplay import read_crossplay
from sinq_jax.report.wording import in_figures
from sinq_jax.statistics import Estimate, clustered_rate, paired_difference

AT_THE_END = (
    ("evaluator: held-out success, greedy", "benchmark/greedy"),
    ("evaluator: balanced accuracy", "benchmark/balanced_accuracy"),
    ("generator: validity", "benchmark/generator_validity"),
    ("generator: median density of valid variants", "benchmark/generator_density_median"),
)
IN_PLAY = (
    ("generator: validity", "generator/validity"),
    ("generator: median density of valid variants", "generator/density_median"),
    ("generator: suspect", "generator/suspect_rate"),
    ("generator: falsely proven", "generator/falsely_proven"),
    ("generator: duplicates", "generator/duplicate_rate"),
    ("generator: distinct behaviours per 100 variants", "archive/distinct_per_100"),
    ("evaluator: solve rate on these variants", "evaluator/solve_rate"),
    ("evaluator: solve rate on a past generator's", "league/solve_rate_on_past_generator"),
)


def arms_table(arms: Sequence[Arm]) -> Table:
    """A column for each arm: means over its seeds, with Student's 95% interval where there are two
    or more.
    """
    head = ("measure, mean over seeds", *(arm.label for arm in arms))
    lines = [
        Line("seeds", tuple(", ".join(map(str, arm.runs)) for arm in arms)),
        Line("optimizer steps", tuple(", ".join(map(str, sorted(arm.steps))) for arm in arms)),
        Line("games", tuple(f"{fmean(_games(arm)):,.0f}" for arm in arms)),
        _line("evaluator: held-out success, end of warm start", arms, lambda run: _mean(run, True)),
        _line("evaluator: held-out success, at the end", arms, lambda run: _mean(run, False)),
        _line("evaluator: gain over the end of warm start, paired", arms, _gain),
        *(_line(label, arms, _at_the_end(name)) for label, name in AT_THE_END),
        Line(f"means of the last {LAST_ROUNDS} rounds"),
        *(_line(label, arms, _in_play(name)) for label, name in IN_PLAY),
        _line("evaluator: exploitability by the last generator", arms, _exploitability),
    ]
    return Table(head, tuple(line for line in lines if set(line.cells) != {NOTHING}))


def seeds_table(arms: Sequence[Arm]) -> Table:
    """A line for each seed: held-out success at the end and the paired gain over the warm start,
    with intervals that resample whole originals.
    """
    lines = []
    for seed in sorted({seed for arm in arms for seed in arm.runs}):
        runs = [arm.runs.get(seed) for arm in arms]
        lines += [
            Line(
                f"seed {seed}: held-out success",
                tuple(cell(_success(run) if run else None) for run in runs),
            ),
            Line("  gain, paired", tuple(cell(_paired_gain(run) if run else None) for run in runs)),
        ]
    return Table(("held-out pairs, sampled", *(arm.label for arm in arms)), tuple(lines))


def contrasts_table(contrasts: Sequence[Contrast]) -> Table:
    """A line for each contrast: the difference in held-out success, and what the tests say."""
    head = (
        "held-out success at the end",
        *("difference over seeds", "paired t, p", "signs, p", "by pairs, sampled", "p"),
        *("greedy: won, lost", "McNemar, p"),
    )
    lines = [
        Line(
            f"{each.arm.label} - {each.reference.label}",
            (
                _told(each.seeds, "seeds"),
                *(_p(each.seeds.p), _p(each.flips)),
                *((_told(each.items, "pairs"), _p(each.items.p)) if each.items else ("-", "-")),
                *(
                    (f"{each.greedy.only_after}, {each.greedy.only_before}", _p(each.greedy.p))
                    if each.greedy
                    else ("-", "-")
                ),
            ),
        )
        for each in contrasts
    ]
    return Table(head, tuple(lines))


def _line(label: str, arms: Sequence[Arm], of: Callable[[Finished], float | None]) -> Line:
    return Line(label, tuple(_over_seeds(arm, of) for arm in arms))


def _over_seeds(arm: Arm, of: Callable[[Finished], float | None]) -> str:
    found = [value for run in arm.runs.values() if (value := of(run)) is not None]
    if not found:
        return NOTHING
    return cell(mean_over_seeds(found))


def _mean(run: Finished, warm: bool) -> float:
    return float(run.sampled(run.warm if warm else run.last).mean())


def _gain(run: Finished) -> float:
    return _mean(run, False) - _mean(run, True)


def _games(arm: Arm) -> list[int]:
    return [len(run.files.entries) for run in arm.runs.values()]


def _success(run: Finished) -> Estimate:
    return clustered_rate(run.sampled(run.last).tolist(), run.exam.programs)


def _paired_gain(run: Finished) -> Estimate:
    before, after = run.sampled(run.warm).tolist(), run.sampled(run.last).tolist()
    return paired_difference(before, after, run.exam.programs)


def _at_the_end(name: str) -> Callable[[Finished], float | None]:
    def of(run: Finished) -> float | None:
        found = last_of(run.files.rows, name, True)
        return None if found is None else found.value

    return of


def _in_play(name: str) -> Callable[[Finished], float | None]:
    def of(run: Finished) -> float | None:
        values = [
            row[name] for row in run.files.rows if row["round"] > 0 and row.get(name) is not None
        ]
        return fmean(values[-LAST_ROUNDS:]) if values else None

    return of


def _exploitability(run: Finished) -> float | None:
    found = read_crossplay(run.files.path)
    return found.response.exploitability.value if found and found.response else None


def _told(test: Tested, unit: str) -> str:
    estimate = test.difference
    if not estimate.n:
        return NOTHING
    bounds = "" if math.isnan(estimate.low) else f" [{estimate.low:+.3f}, {estimate.high:+.3f}]"
    return f"{estimate.value:+.3f}{bounds} n={estimate.n:,} {unit}"


def _p(value: float) -> str:
    return NOTHING if math.isnan(value) else in_figures(value)
