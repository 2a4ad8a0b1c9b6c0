"""What there is to learn from a played round: batches for both roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sinq_jax.batching import Example, Shape, Weighted, rollout_batch
from sinq_jax.config import Config
from sinq_jax.examples import distinct, equivalent_example, proven_answers, proven_variant
from sinq_jax.experiment import Experiment
from sinq_jax.game.equivalents import EquivalentQuestion
from sinq_jax.game.records import Game, Role
from sinq_jax.game.rewards import evaluator_reward, generator_reward, worth_searching
from sinq_jax.learning.advantages import Floats, group_advantages
from sinq_jax.learning.baselines import RunningBaseline, running_advantages
from sinq_jax.learning.objective import Objective
from sinq_jax.players import Lesson
from sinq_jax.randomness import host_generator
from sinq_jax.reference import Reference
from sinq_jax.rollout import Group
from sinq_jax.schedule import Tick
from sinq_jax.variety import quota_of
from sinq_jax.warmstart import Rows, imitation_lessons, warm_start_examples


@dataclass(frozen=True)
class Rewarded:
    """A sampled group with what each completion earned, float32 ``[group]``."""

    group: Group
    rewards: Floats


def evaluator_rewards(games: Sequence[Game], answered: Mapping[int, Group]) -> list[Rewarded]:
    """The answers to each answered game."""
    return [
        Rewarded(
            group,
            np.array([evaluator_reward(answer) for answer in games[index].answers], np.float32),
        )
        for index, group in answered.items()
    ]


def generator_rewards(
    experiment: Experiment, games: Sequence[Game], written: Sequence[Group]
) -> list[Rewarded]:
    """Each task's variants."""
    pay = experiment.config.rewards
    quota = quota_of(experiment.config)
    rewards = [generator_reward(game, pay.generator, pay.max_density, quota) for game in games]
    size = experiment.config.selfplay.variants
    return [
        Rewarded(group, np.array(rewards[index * size : (index + 1) * size], np.float32))
        for index, group in enumerate(written)
    ]


def weighted_groups(
    config: Config, rewarded: Sequence[Rewarded], baseline: RunningBaseline
) -> list[Weighted]:
    """The groups that teach something, by ``policy.baseline``: each reward less the mean of the
    others of its group, where those that all fare alike drop out, or less the mean over rounds.
    """
    if config.policy.baseline == "running":
        advantages = running_advantages([each.rewards for each in rewarded], baseline)
    else:
        advantages = [
            group_advantages(each.rewards[None], np.ones((1, len(each.rewards)), bool))[0]
            for each in rewarded
        ]
    return [
        Weighted(each.group, weights)
        for each, weights in zip(rewarded, advantages, strict=True)
        if np.any(weights)
    ]


def without_contrast(rewarded: Sequence[Rewarded]) -> int:
    """How many groups have earned the same throughout, groups of one among them."""
    return sum(bool(np.all(each.rewards == each.rewards[0])) for each in rewarded)


def parts(count: int, rows: int, updates: int, reuse: bool) -> list[list[int]]:
    """Which of ``count`` groups each update learns from, at most ``rows``, each at most once.

    Without ``reuse`` every group is learned from once, spread over the updates; with it, each
    update takes the next ``rows``, and begins again at the first when all were used.
    """
    if not reuse:
        return [[*range(update, count, updates)][:rows] for update in range(updates)]
    most = min(rows, count)
    return [[(update * rows + i) % count for i in range(most)] for update in range(updates)]


def policy_shape(config: Config, role: Role) -> Shape:
    """The size of a batch of the role's own samples."""
    play, learning, rollout = config.selfplay, config.learning, config.rollout
    prompt = rollout.prompt_tokens
    if role == "evaluator":
        return Shape(learning.evaluator_groups, prompt, play.answers, rollout.evaluator_tokens)
    return Shape(learning.generator_groups, prompt, play.variants, rollout.generator_tokens)


def objective_of(config: Config, role: Role) -> Objective:
    """What the role's own samples are learned from with."""
    policy = config.policy
    kl = policy.evaluator_kl if role == "evaluator" else policy.generator_kl
    return Objective(policy.loss, policy.clip_low, policy.clip_high, policy.importance_cap, kl)


def policy_lesson(
    config: Config, role: Role, groups: Sequence[Weighted], seen: float | None = None
) -> Lesson:
    """The round's own samples of one role, weighted by their advantages. ``seen`` is the entropy
    that its last update saw, in nats per token: below ``policy.entropy_floor``, the evaluator gets
    a bonus for it.
    """
    objective, entropy = objective_of(config, role), config.learning.entropy
    if role == "evaluator" and seen is not None and seen < config.policy.entropy_floor:
        entropy += config.policy.entropy_floor_weight
    batch = rollout_batch(groups, policy_shape(config, role), reference=objective.kl > 0)
    share = config.learning.policy_share
    return Lesson(role, "policy", batch, share, entropy, objective)


def per_update(
    config: Config, role: Role, groups: Sequence[Weighted], reference: Reference | None
) -> list[list[Weighted]]:
    """What each update of a round learns from."""
    learning, rows = config.learning, policy_shape(config, role).rows
    chosen = parts(len(groups), rows, learning.updates, config.policy.reuse_groups)
    used = sorted({index for part in chosen for index in part})
    found = _referred(config, role, [groups[index] for index in used], reference)
    at = dict(zip(used, found, strict=True))
    return [[at[index] for index in part] for part in chosen]


def _referred(
    config: Config, role: Role, groups: Sequence[Weighted], reference: Reference | None
) -> Sequence[Weighted]:
    """The same groups with the reference's log-probabilities, where the role is held to one: once
    for all updates that learn from them.
    """
    if not objective_of(config, role).kl:
        return groups
    if reference is None:
        raise ValueError(f"expected a reference for policy.{role}_kl above 0, got None")
    shape, found = policy_shape(config, role), []
    for start in range(0, len(groups), shape.rows):
        chunk = groups[start : start + shape.rows]
        logprobs = reference.logprobs(role, rollout_batch(chunk, shape))
        for each, row in zip(chunk, logprobs[: len(chunk)], strict=True):
            size, new = each.group.tokens.shape
            found.append(replace(each, reference=row[:size, :new]))
    return found


@dataclass(frozen=True)
class Taught:
    """What the games of one round are worth imitating for: right answers, and proven variants.

    Kept in place of the games: an example is made once, however many rounds it is replayed in.
    """

    answers: tuple[Example, ...]
    variants: tuple[Example, ...]


def taught(
    experiment: Experiment, games: Sequence[Game], equivalents: Sequence[EquivalentQuestion] = ()
) -> Taught:
    """The examples that the games of a round make, and its equivalent pairs, each once. Variants
    that are not paid, because there are enough that behave like them, are not imitated either.
    """
    form, labels = experiment.form, experiment.config.warm_start.labels
    games = [game for game in games if teaches(experiment, game)]
    quota = quota_of(experiment.config)
    new = [game for game in games if quota.pays(game) > 0]
    most = experiment.config.learning.most_solved
    alike = [
        equivalent_example(form, each.program, each.variant)
        for each in equivalents
        if not each.refuted and each.recognised <= most * len(each.answers)
    ]
    return Taught(
        tuple(distinct([*(proven_answers(form, game, labels) for game in games), *alike])),
        tuple(distinct([proven_variant(form, game) for game in new])),
    )


def replay_lessons(
    experiment: Experiment, memory: Sequence[Taught], tick: Tick, update: int
) -> list[Lesson]:
    """Imitation: ``replay_share`` of the rows are warm-start pairs, the others proofs of games."""
    config = experiment.config
    learning = config.learning
    rows = Rows(learning.evaluator_batch, learning.generator_batch)
    evaluator, generator = warm_start_examples(experiment, rows, tick.first_step + update)
    answers = distinct([example for each in memory for example in each.answers])
    variants = distinct([example for each in memory for example in each.variants])
    rng = host_generator(config.seed, "replay", tick.round, update)
    share = learning.replay_share
    return imitation_lessons(
        experiment,
        _mixed(evaluator, answers, rows.evaluator, share, rng),
        _mixed(generator, variants, rows.generator, share, rng),
        rows,
    )


def teaches(experiment: Experiment, game: Game) -> bool:
    """Whether a game is worth imitating: its variant takes a search, many answers failed, and it is
    not suspect.
    """
    config = experiment.config
    most = config.learning.most_solved * len(game.answers)
    searched = worth_searching(game, config.rewards.max_density)
    return searched and game.solved <= most and not game.withheld


def _mixed(
    old: list[Example], new: list[Example], count: int, share: float, rng: np.random.Generator
) -> list[Example]:
    """At most ``count`` examples, ``share`` of them old, where there are any, and more where there
    are few new.
    """
    kept = round(count * share) if old else 0
    take = min(count - kept, len(new))
    chosen = rng.choice(len(new), size=take, replace=False).tolist() if take else []
    return [*old[: count - take], *(new[index] for index in chosen)]
