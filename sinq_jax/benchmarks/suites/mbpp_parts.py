"""Which published split of MBPP a task is of: who learned from the train split has seen some.

MBPP+ takes its tasks from all four splits, so its figure alone would mix what was learned from with
what was held out.
"""

from sinq_jax.programs.jsonl import MBPP_SPLITS

TEST = "test"
_PARTS = {"held_out": TEST}


def mbpp_part(name: str) -> str | None:
    """``train``, ``validation``, ``test`` or ``prompt`` for the task ``Mbpp/11``; None for a name
    that is none of MBPP's.
    """
    group, _, number = name.partition("/")
    if group != "Mbpp" or not number.isdigit():
        return None
    split = next((key for key, ids in MBPP_SPLITS.items() if int(number) in ids), None)
    return None if split is None else _PARTS.get(split, split)
