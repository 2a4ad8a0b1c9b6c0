"""A baseline that is carried from round to round, for groups of one and as a choice for others."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinq_jax.learning.advantages import group_advantages

Floats = NDArray[np.float32]


class RunningBaseline(NamedTuple):
    """An exponential mean of the rounds' mean rewards: ``total`` over ``weight``.

    ``weight`` is 1 - decay^rounds, so that early means are not drawn towards 0 (Kingma and Ba
    2015, arXiv 1412.6980, section 3); 0 before the first round.
    """

    total: float = 0.0
    weight: float = 0.0

    @property
    def mean(self) -> float:
        """The baseline; only where ``weight`` is above 0."""
        return self.total / self.weight

    def after(self, rewards: Sequence[Floats], decay: float) -> "RunningBaseline":
        """With the rewards of one more round, by group; without any it stays as it is."""
        values = [float(value) for group in rewards for value in group]
        if not values:
            return self
        mean = sum(values) / len(values)
        return RunningBaseline(
            decay * self.total + (1 - decay) * mean, decay * self.weight + (1 - decay)
        )


def running_advantages(rewards: Sequence[Floats], baseline: RunningBaseline) -> list[Floats]:
    """Reward minus ``baseline``, float32 ``[group]`` each, of groups of any size.

    The baseline comes from earlier rounds alone, so the gradient stays unbiased (Williams 1992,
    section 4). In the first round it is, for each completion, the mean of all others of the round,
    which is as unbiased; a round of one completion teaches nothing then.
    """
    if baseline.weight:
        return [(group - baseline.mean).astype(np.float32) for group in rewards]
    if not rewards:
        return []
    everything = np.concatenate([*rewards])[None]
    advantages = group_advantages(everything, np.ones_like(everything, bool))[0]
    return np.split(advantages, np.cumsum([len(group) for group in rewards])[:-1])
