"""``python -m tests.run.mortal MOMENT CALL SIGNAL WORDS...``: run.py, ended at an exact moment.

The moments are calls of functions that every run makes; the process gets the signal when CALL calls
of the moment's function have returned. SIGKILL goes to the process alone, which leaves its sandbox
behind; other signals go to the whole group, as a terminal sends Ctrl-C.
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import Any

import run

MOMENTS = {
    "pairs": "sinq_jax.preparation:make_pairs",
    "warm start": "sinq_jax.training:warm_start_step",
    "sampling": "sinq_jax.rollout:sample",
    "judging": "sandbox.pool:Sandbox.submit_all",
    "training": "sinq_jax.players:train_step",
    "training anew": "sinq_jax.fitting:descend",
    "saving": "sinq_jax.checkpoint:flush",
    "keeping": "sinq_jax.benchmarks.kept:Kept.add",
}
"""Where each moment is: after sampling or training was started and before it is done, while checks
are with the sandbox, before the games of a round are committed, before a checkpoint is in place,
after a batch of a benchmark's records is on disk."""


def mortal(function: Callable[..., Any], call: int, number: signal.Signals) -> Callable[..., Any]:
    """Return the function, which sends the signal at the end of its ``call``-th call."""
    calls = itertools.count(1)

    @wraps(function)
    def until_then(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if next(calls) == call:
            if number == signal.SIGKILL:
                os.kill(os.getpid(), number)
            else:
                os.killpg(os.getpgrp(), number)
        return result

    return until_then


def main(moment: str, call: str, number: str, words: Sequence[str]) -> int:
    """Run until the moment comes; return the exit status of a run that lives to tell."""
    module, _, path = MOMENTS[moment].partition(":")
    owner: Any = import_module(module)
    *outer, name = path.split(".")
    for each in outer:
        owner = getattr(owner, each)
    setattr(owner, name, mortal(getattr(owner, name), int(call), signal.Signals[number]))
    return run.main(words)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], sys.argv[4:]))
