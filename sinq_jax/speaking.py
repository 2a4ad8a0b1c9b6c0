"""Who talks to people when a run has several hosts: the first one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sinq_jax.hosts import Hosts
from sinq_jax.progress import Progress


@contextmanager
def first_speaks(hosts: Hosts) -> Iterator[Progress]:
    """What the first host shows; the others are silent unless one of them is gone."""
    with open(os.devnull, "w") as nowhere, Progress(None if hosts.first else nowhere) as progress:
        if hosts.first:
            hosts.say_through(progress.say)
        yield progress
