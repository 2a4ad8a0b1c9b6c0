"""How the hosts of a run find each other: by flags, or by what a TPU pod or a Slurm job says.

Whoever reaches the coordinator's port can take part, as with jax's own coordination service, so it
belongs into a network that nobody else is in. Nothing that comes over it is ever run.
"""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sinq_jax.config import ConfigError
from sinq_jax.config.files import REPOSITORY
from sinq_jax.config.places import AUTO, Place, Places
from sinq_jax.hosts.face import ALONE, Hosts
from sinq_jax.hosts.hub import JOIN_S
from sinq_jax.hosts.linked import JoinError, Linked

RETRY_S = 0.2


@dataclass(frozen=True)
class Joined:
    """The hosts, and what jax needs to join them: the address of its service, and which of the
    machine's devices are this host's (None: all). No address: jax runs alone.
    """

    hosts: Hosts
    address: str | None = None
    devices: Sequence[int] | None = None


def join(places: Places) -> Joined:
    """Take part in a run of one or several processes; waits until all of them are there.

    Raises ``ConfigError`` where that does not come about.
    """
    devices = None
    if places == AUTO:
        places, devices = _around()
    if places is None:
        return Joined(ALONE)
    assert isinstance(places, Place)
    try:
        if places.number == 0:
            _start_hub(places)
            where = f"{places.host}:{places.port}"
            print(f"waiting at {where} for {places.count} hosts", file=sys.stderr, flush=True)
        linked = Linked(_connected(places), places.number, places.count)
    except JoinError as error:
        raise ConfigError(f"host {places.number}: {error}") from None
    host = f"[{places.host}]" if ":" in places.host else places.host
    return Joined(linked, f"{host}:{linked.port}", devices)


def _around() -> tuple[Place | None, Sequence[int] | None]:
    """What the surroundings say, as jax reads them, and the devices that are this process's."""
    from jax._src.clusters import ClusterEnv  # jax offers it in no other way than by starting

    try:
        address, count, number, devices = ClusterEnv.auto_detect_unset_distributed_params(
            None, None, None, None, None, round(JOIN_S)
        )
    except Exception as error:  # a cluster's metadata fail as they like
        raise ConfigError(
            f"--processes: expected to read what is around this process, got "
            f"{type(error).__name__}: {error}; give --coordinator, --processes=N and --process"
        ) from error
    if address is None or count is None or number is None:
        raise ConfigError(
            "--processes: expected a TPU pod or a Slurm job around this process, got neither; give "
            "--coordinator, --processes=N and --process"
        )
    host, _, port = address.rpartition(":")
    return (Place(host, int(port), count, number) if count > 1 else None), devices


def _start_hub(place: Place) -> None:
    """A process of its own session, so that Ctrl-C does not reach it and it outlives this one."""
    try:
        family, *_, own = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
        loopback = own[0] == "::1" or str(own[0]).startswith("127.")
        everywhere = "::" if family == socket.AF_INET6 else "0.0.0.0"
        address = str(own[0]) if loopback else everywhere
        listener = socket.create_server((address, place.port), family=family)
    except OSError as error:
        raise ConfigError(
            f"--coordinator: expected a free port of this machine, got {place.host}:{place.port} "
            f"({error.strerror}); choose another"
        ) from None
    with listener:
        subprocess.Popen(
            [
                *(sys.executable, "-m", "sinq_jax.hosts.hub"),
                *(str(listener.fileno()), str(place.count), address),
            ],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )


def _connected(place: Place) -> socket.socket:
    """A connection to the hub, which may start later than this host."""
    until = time.monotonic() + JOIN_S
    while True:
        try:
            connection = socket.create_connection((place.host, place.port), timeout=RETRY_S * 50)
        except OSError as error:
            if time.monotonic() > until:
                raise JoinError(
                    f"expected the first host at {place.host}:{place.port} within {JOIN_S:.0f} s, "
                    f"got {error.strerror or error}; start it with the same --coordinator"
                ) from None
            time.sleep(RETRY_S)
            continue
        connection.settimeout(None)
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
