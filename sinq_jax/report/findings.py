"""What a run shows, in sentences that go as far as its intervals and no further."""

from sinq_jax.report.closing import last_of
from sinq_jax.report.run_files import RunFiles
from sinq_jax.report.wording import compared, has_interval, with_interval
from sinq_jax.statistics import Estimate

SUCCESS = "benchmark/success"
VALIDITY = "benchmark/generator_validity"
DENSITY = "benchmark/generator_density_median"


def tiles(run: RunFiles) -> list[tuple[str, str, str]]:
    """Return (title, latest value, what it was at the end of the warm start) of the key figures."""
    titles = [
        ("Held-out success", SUCCESS),
        ("Greedy success", "benchmark/greedy"),
        ("Generator validity", VALIDITY),
        ("Median density", DENSITY),
    ]
    shown = []
    for title, name in titles:
        before, after = last_of(run.rows, name, False), last_of(run.rows, name, True)
        latest = after or before
        if latest:
            note = _bounds(latest) + (f"before {before.value:.3f}" if before and after else "")
            shown.append((title, f"{latest.value:.3f}", note.strip(" ·") or "warm start"))
    return shown


def findings(run: RunFiles, control: RunFiles | None) -> list[str]:
    """Return the sentences under "In short"; none for a run that measured nothing yet."""
    before, after = last_of(run.rows, SUCCESS, False), last_of(run.rows, SUCCESS, True)
    arm = "play" if run.played else "the control"
    told = []
    if before and after:
        told.append(
            f"On held-out pairs the evaluator's sampled success was {with_interval(before)} at the "
            f"end of the warm start and {with_interval(after)} after {arm}; "
            f"{compared(before, after, 'the rise', 'the fall')}."
        )
    told += _paired(run, arm)
    if run.played and after:
        told.append(_against_control(after, control))
    return told + _generator(run)


def caveats(with_control: bool) -> list[str]:
    """Return what a reader must know about the numbers of this page."""
    return [
        "Brackets hold 95% intervals. Those of the evaluator resample whole programs (cluster "
        "bootstrap), since answers about one program succeed and fail together. They cover the "
        "choice of pairs and of samples, not the choice of seed: one run is one seed.",
        "Overlapping intervals do not show that two numbers are equal, and they are a blunt test: "
        "where a paired difference is given, trust it before them.",
        "Difficulty is 10 x (1 - s/n), rounded down; n counts every answer, also the unparsable "
        "ones and claims of equivalence.",
        "A variant is valid when the generator's own input was seen twice, under two hash seeds, "
        "to make both programs differ. Density is the share of a fixed sample of inputs on which "
        "they differ: validity without low density is easy and means little.",
        "Everything here is counted from config.json, metrics.jsonl and games.sqlite of "
        + ("this workdir and of the control's." if with_control else "this workdir."),
    ]


def _bounds(estimate: Estimate) -> str:
    if not has_interval(estimate):
        return ""
    return f"[{estimate.low:.3f}, {estimate.high:.3f}] · "


def _paired(run: RunFiles, arm: str) -> list[str]:
    gain = last_of(run.rows, "benchmark/gain", True)
    if not gain or not has_interval(gain):
        return []
    zero_inside = gain.low <= 0 <= gain.high
    meaning = "0 lies inside, so no change is shown" if zero_inside else "0 lies outside"
    return [
        f"Over the same pairs, success after {arm} differs from the end of the warm start by "
        f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] (paired): {meaning}."
    ]


def _against_control(after: Estimate, control: RunFiles | None) -> str:
    other = last_of(control.rows, SUCCESS, True) if control else None
    if other is None:
        return (
            "No control arm is shown: without one, a gain may come from more training alone "
            "rather than from play."
        )
    return (
        f"The control arm, as many steps on warm-start data alone, reached {with_interval(other)}; "
        f"{compared(other, after, 'the lead of play', 'the lead of the control')}."
    )


def _generator(run: RunFiles) -> list[str]:
    validity = last_of(run.rows, VALIDITY, True) or last_of(run.rows, VALIDITY, False)
    density = last_of(run.rows, DENSITY, True) or last_of(run.rows, DENSITY, False)
    if not validity:
        return []
    told = f"The generator's completions are valid variants at a rate of {with_interval(validity)}"
    if density:
        told += f"; half of the valid ones differ on at most {density.value:.1%} of the inputs"
    return [told + "."]
