"""Rewards of a group to weights on its log-probabilities."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def group_advantages(rewards: Floats, present: NDArray[np.bool_]) -> Floats:
    """Reward minus the mean of the *other* members of its group, float32 ``[batch, group]``; 0
    where not present.

    The leave-one-out mean is the unbiased baseline of Kool et al. 2019 ("Buy 4 REINFORCE samples,
    get a baseline for free"); it is n / (n - 1) times the distance to the group's mean. No division
    by the standard deviation: that inflates near-ties (Liu et al. 2025, arXiv 2503.20783, section
    3.1). A group of one has no baseline and gets 0.
    """
    count = present.sum(axis=1, keepdims=True)
    total = np.where(present, rewards, 0.0).sum(axis=1, keepdims=True)
    others = (total - rewards) / np.maximum(count - 1, 1)
    usable = present & (count > 1)
    return np.where(usable, rewards - others, 0.0).astype(np.float32)
