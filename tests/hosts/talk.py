"""``python -m tests.hosts.talk PLACE ENDING``: one host that talks to the others, and how it ends.

PLACE is ``auto`` or HOST:PORT,COUNT,NUMBER. Prints what it was given, one exchange a line.
"""

import os
import signal
import sys
import time
from collections.abc import Callable

from sinq_jax.config import ConfigError
from sinq_jax.config.places import AUTO, Place
from sinq_jax.hosts import Hosts
from sinq_jax.hosts.joining import join
from sinq_jax.interruption import Interruption

ROUNDS = 3
BIG = 3_000_000


def end(hosts: Hosts) -> None:
    """All come to their end together."""


def die(hosts: Hosts) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail(hosts: Hosts) -> None:
    raise ValueError("something nobody thought of")


def refuse(hosts: Hosts) -> None:
    raise ConfigError("--config.x: expected this, got that; change it")


def insist(hosts: Hosts) -> None:
    signal.raise_signal(signal.SIGTERM)


def mistake_the_turn(hosts: Hosts) -> None:
    hosts.wait("saving")


def work(hosts: Hosts) -> None:
    """As in a computation that never returns, because another host has left it."""
    time.sleep(100)


ENDINGS: dict[str, Callable[[Hosts], None]] = {
    each.__name__: each for each in (end, die, fail, refuse, insist, mistake_the_turn, work)
}


def talk(hosts: Hosts) -> None:
    for turn in range(ROUNDS):
        print(*hosts.exchange_json("talk", [turn, hosts.number]), flush=True)
    bodies = hosts.exchange("much", bytes([hosts.number]) * BIG)
    print(*(len(each) for each in bodies), *(each[-1] for each in bodies))
    print(hosts.of_first("first", lambda: f"told by {hosts.number}"))
    print(hosts.any_of("any", None), hosts.any_of("any", 15 if hosts.number == 1 else None))


def main(place: str, ending: str) -> int:
    places = AUTO if place == AUTO else _place(place)
    try:
        with Interruption(), join(places).hosts as hosts:
            talk(hosts)
            ENDINGS[ending](hosts)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _place(text: str) -> Place:
    address, count, number = text.split(",")
    host, port = address.split(":")
    return Place(host, int(port), int(count), int(number))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
