"""Fixed mutation operators in the generator's place: what self-play has to beat."""

from collections.abc import Sequence

import numpy as np

from sinq_jax.experiment import Experiment
from sinq_jax.game.records import Completion, Proposal
from sinq_jax.programs.pairs import LabelledPair, make_pairs
from sinq_jax.programs.program import Program
from sinq_jax.randomness import host_generator
from sinq_jax.rollout import Group


def mutated(experiment: Experiment, programs: Sequence[Program], number: int) -> list[Group]:
    """What the operators write of each program in round ``number``: up to ``selfplay.variants``
    mutants, found as labelled pairs are, each with its smallest diverging input as its proof.

    They are completions as a generator writes them, so that everything after them is the same; but
    no tokens were sampled, so there are none to learn from.
    """
    config = experiment.config
    pairs = make_pairs(
        experiment.sandbox,
        programs,
        config.selfplay.variants,
        config.benchmark.inputs,
        int(host_generator(config.seed, "mutation", number).integers(2**31)),
        (0.0, config.rewards.max_density),
    )
    of_program: dict[Program, list[LabelledPair]] = {program: [] for program in programs}
    for pair in pairs:
        of_program[pair.original].append(pair)
    return [_group(experiment, of_program[program]) for program in programs]


def _group(experiment: Experiment, pairs: Sequence[LabelledPair]) -> Group:
    form = experiment.form
    texts = [
        form.generator_completion(pair.original, Proposal(pair.variant, pair.inputs[0]))
        for pair in pairs
    ]
    none = np.zeros((len(texts), 0), np.int32)
    return Group(
        prompt=np.zeros(0, np.int32),
        tokens=none,
        logprobs=none.astype(np.float32),
        lengths=np.zeros(len(texts), np.int32),
        completions=tuple(Completion(text, 0, True) for text in texts),
    )
