"""Two arms against each other: how far apart they end, and whether that is more than chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sinq_jax.compare.arms import Arm
from sinq_jax.compare.significance import (
    Discordant,
    Tested,
    holm,
    mcnemar,
    over_items,
    paired_t,
    sign_flip,
)
from sinq_jax.report.wording import in_figures
from sinq_jax.statistics import Estimate

LEVEL = 0.05


@dataclass(frozen=True)
class Contrast:
    """What ``arm`` has over ``reference`` in held-out success at the end, on the seeds that both
    have. ``differences`` is by seed; ``seeds`` tests over them, ``adjusted`` is its p-value among
    all contrasts of a comparison, ``flips`` that of the test without a distribution. ``items``
    tests over the held-out pairs of these seeds, sampled, ``greedy`` over the same, greedy.
    """

    arm: Arm
    reference: Arm
    differences: dict[int, float]
    seeds: Tested
    adjusted: float
    flips: float
    items: Tested | None
    greedy: Discordant | None

    @property
    def equal_steps(self) -> bool:
        """Whether all runs of both arms ended after the same number of optimizer steps."""
        return len(self.arm.steps | self.reference.steps) == 1

    @property
    def shown(self) -> bool:
        """Whether the arm ends above its reference at p < 0.05 over seeds."""
        return self._apart and self.seeds.difference.value > 0

    @property
    def reversed(self) -> bool:
        """Whether the reference ends above the arm, shown likewise."""
        return self._apart and self.seeds.difference.value < 0

    @property
    def _apart(self) -> bool:
        return self.equal_steps and self.adjusted < LEVEL


def contrasts(arms: Sequence[Arm]) -> list[Contrast]:
    """Each arm against the control, where there is one, and each other playing arm against the
    first that plays.
    """
    controls = [arm for arm in arms if arm.control]
    playing = [arm for arm in arms if not arm.control]
    pairs = [(arm, control) for control in controls for arm in playing]
    pairs += [(arm, playing[0]) for arm in playing[1:]]
    if not playing:
        pairs = [(arm, controls[0]) for arm in controls[1:]]
    found = [_contrast(arm, reference) for arm, reference in pairs]
    adjusted = holm([each.seeds.p for each in found])
    return [
        Contrast(**{**vars(each), "adjusted": p}) for each, p in zip(found, adjusted, strict=True)
    ]


def _contrast(arm: Arm, reference: Arm) -> Contrast:
    seeds = [seed for seed in arm.runs if seed in reference.runs]
    if not seeds:
        nothing = Estimate(math.nan, math.nan, math.nan, 0)
        return Contrast(
            arm, reference, {}, Tested(nothing, math.nan), math.nan, math.nan, None, None
        )
    after = {seed: arm.runs[seed].sampled(arm.runs[seed].last) for seed in seeds}
    before = {seed: reference.runs[seed].sampled(reference.runs[seed].last) for seed in seeds}
    differences = {seed: float((after[seed] - before[seed]).mean()) for seed in seeds}
    test = paired_t(list(differences.values()))
    return Contrast(
        arm,
        reference,
        differences,
        test,
        test.p,
        sign_flip(list(differences.values())),
        over_items(before, after, {seed: arm.runs[seed].exam.programs for seed in seeds}),
        mcnemar(
            [one for seed in seeds for one in reference.runs[seed].last.greedy],
            [one for seed in seeds for one in arm.runs[seed].last.greedy],
        ),
    )


def sentence(contrast: Contrast, among: int) -> str:
    """Whether the arm beats its reference, as far as the seeds carry; ``among`` is the number of
    contrasts that are tested together.
    """
    both = f"{_named(contrast.arm)} beats {_named(contrast.reference)}"
    seeds = len(contrast.differences)
    if not contrast.equal_steps:
        steps = " and ".join(
            str(step) for step in sorted(contrast.arm.steps | contrast.reference.steps)
        )
        return f"{both}: not shown, because the steps are not equal ({steps})."
    claim = f"{both} at equal steps"
    if not seeds:
        return f"{claim}: not shown, because the arms share no seed."
    found = f"difference {_signed(contrast.seeds.difference)}"
    if seeds < 2:
        return (
            f"{claim}: not shown: {found} with one seed, and a test over seeds takes two or more."
        )
    if math.isnan(contrast.adjusted):
        return (
            f"{claim}: not shown: {found}, the same in all {seeds} seeds, which leaves no spread."
        )
    how = f"paired t test over {seeds} seeds, two-sided"
    if among > 1:
        how += f", Holm's correction for {among} contrasts"
    if contrast.shown:
        verdict = "holds at"
    elif contrast.reversed:
        verdict = "not shown; the other way round it holds at"
    else:
        verdict = "not shown:"
    return f"{claim}: {verdict} p = {in_figures(contrast.adjusted)} ({how}; {found})."


def _named(arm: Arm) -> str:
    return f"the control ({arm.label})" if arm.control else f"play ({arm.label})"


def _signed(estimate: Estimate) -> str:
    if math.isnan(estimate.low):
        return f"{estimate.value:+.3f}"
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"
