"""The held-out benchmark: unseen pairs for the evaluator, unseen originals for the generator.

Questions and sampling noise are the same at every call: measurements differ by the weights alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from sinq_jax.benchmarks.equivalents import balanced_accuracy
from sinq_jax.experiment import Experiment, Policies
from sinq_jax.game.prompts import Reply
from sinq_jax.game.records import Completion, Proposal, Unparsed
from sinq_jax.game.referee import Claim, judge
from sinq_jax.players import Players
from sinq_jax.programs.density import densities
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.randomness import device_key
from sinq_jax.rollout import Decoding
from sinq_jax.statistics import Estimate, clustered_rate, paired_difference

STRATA = (0.05, 0.2, 0.5)
"""Upper bounds of the classes of divergence density that success is reported by."""


@dataclass(frozen=True)
class Measured:
    """``metrics`` are named ``benchmark/...``; ``success`` float64 ``[pairs]`` is each exam pair's
    share of right answers, ``greedy`` float64 ``[pairs]`` whether its greedy answer is right.
    """

    metrics: dict[str, float]
    success: NDArray[np.float64]
    greedy: NDArray[np.float64]


def measure(
    experiment: Experiment, players: Players, baseline: NDArray[np.float64] | None
) -> Measured:
    """Both players on held-out programs.

    ``baseline`` is the success at the end of the warm start; with it, the paired gain since then is
    reported too.
    """
    config, policies = experiment.config, experiment.policies(players)
    sampled = evaluator_success(
        experiment, policies, config.rollout.temperature, config.benchmark.samples
    )
    greedy = evaluator_success(experiment, policies, 0.0, 1)
    clusters = [pair.original.name for pair in experiment.exam]
    metrics = named("benchmark/success", _rate(sampled, clusters))
    metrics |= named("benchmark/greedy", _rate(greedy, clusters))
    metrics |= _by_density(experiment, sampled, clusters)
    for name, estimate in balanced_accuracy(experiment, policies, sampled).items():
        metrics |= named(f"benchmark/{name}", estimate)
    if baseline is not None:
        metrics |= named("benchmark/gain", _gain(baseline, sampled, clusters))
    return Measured(metrics | generator_quality(experiment, policies), sampled, greedy)


def evaluator_success(
    experiment: Experiment, policies: Policies, temperature: float, samples: int
) -> NDArray[np.float64]:
    """Each exam pair's share of ``samples`` answers that diverge, float64 ``[pairs]``; unparsable
    ones count as wrong.
    """
    config = experiment.config
    groups = experiment.roller(
        policies["evaluator"],
        [
            experiment.form.evaluator_prompt(
                pair.original.source, pair.variant, pair.original.entry_point
            )
            for pair in experiment.exam
        ],
        samples,
        Decoding(
            temperature, config.rollout.top_p, config.rollout.top_k, config.rollout.evaluator_tokens
        ),
        device_key(config.seed, "benchmark", "evaluator"),
    )
    claims: list[Claim | Unparsed] = []
    for pair, group in zip(experiment.exam, groups, strict=True):
        for completion in group.completions:
            reply = _finished(completion) or experiment.form.parse_reply(completion.text)
            claims.append(_reply_claim(pair, reply))
    rulings = judge(experiment.sandbox, claims)
    solved = np.array([ruling.verdict == "diverges" for ruling in rulings], np.float64)
    shares: NDArray[np.float64] = solved.reshape(len(experiment.exam), samples).mean(axis=1)
    return shares


def generator_quality(experiment: Experiment, policies: Policies) -> dict[str, float]:
    """Validity and divergence density of variants of unseen originals, over the levels of play."""
    config = experiment.config
    play = config.selfplay
    programs = [pair.original for pair in experiment.exam][: config.benchmark.originals]
    spread = play.highest_target - play.lowest_target + 1
    prompts = [
        experiment.form.generator_prompt(program, play.lowest_target + index % spread)
        for index, program in enumerate(programs)
    ]
    groups = experiment.roller(
        policies["generator"],
        prompts,
        config.selfplay.variants,
        experiment.decoding(config.rollout.generator_tokens),
        device_key(config.seed, "benchmark", "generator"),
    )
    claims: list[Claim | Unparsed] = []
    for program, group in zip(programs, groups, strict=True):
        for completion in group.completions:
            parsed = _finished(completion) or experiment.form.parse_proposal(
                program, completion.text
            )
            claims.append(
                Claim(program, parsed.variant, parsed.input)
                if isinstance(parsed, Proposal)
                else parsed
            )
    rulings = judge(experiment.sandbox, claims)
    valid = [ruling.verdict == "diverges" for ruling in rulings]
    proven = [
        (claim.program, claim.variant)
        for claim, holds in zip(claims, valid, strict=True)
        if holds and isinstance(claim, Claim)
    ]
    rates = np.array(valid, np.float64).reshape(len(programs), -1).mean(axis=1)
    metrics = named("benchmark/generator_validity", _rate(rates, [p.name for p in programs]))
    shares = [
        d / tried
        for d, tried in densities(experiment.sandbox, proven, config.benchmark.inputs)
        if tried
    ]
    if shares:
        metrics["benchmark/generator_density_median"] = median(shares)
    return metrics


def _finished(completion: Completion) -> Unparsed | None:
    return None if completion.finished else Unparsed("not finished")


def _reply_claim(pair: LabelledPair, reply: Reply | Unparsed) -> Claim | Unparsed:
    if isinstance(reply, Unparsed):
        return reply
    if reply.input is None:
        return Unparsed("claims equivalence")
    return Claim(pair.original, pair.variant, reply.input)


def _by_density(
    experiment: Experiment, success: NDArray[np.float64], clusters: Sequence[str]
) -> dict[str, float]:
    """Success by the pair's divergence density: where it is large, a guesser does well."""
    metrics: dict[str, float] = {}
    for low, high in zip((0.0, *STRATA), STRATA, strict=False):
        chosen = [i for i, pair in enumerate(experiment.exam) if low < pair.density <= high]
        if chosen:
            estimate = _rate(success[chosen], [clusters[i] for i in chosen])
            metrics |= named(f"benchmark/success_density_{high:.2f}", estimate)
    return metrics


def _rate(rates: NDArray[np.float64], clusters: Sequence[str]) -> Estimate:
    return clustered_rate(rates.tolist(), clusters)


def _gain(
    before: NDArray[np.float64], after: NDArray[np.float64], clusters: Sequence[str]
) -> Estimate:
    return paired_difference(before.tolist(), after.tolist(), clusters)


def named(name: str, estimate: Estimate) -> dict[str, float]:
    """The metric ``name`` with the bounds of its interval and its denominator."""
    return {
        name: estimate.value,
        f"{name}_low": estimate.low,
        f"{name}_high": estimate.high,
        f"{name}_n": estimate.n,
    }
