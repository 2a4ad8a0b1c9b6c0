"""Where jax learns that it is one of several processes, before it touches any device."""

import jax

from sinq_jax.config import ConfigError
from sinq_jax.hosts.joining import Joined

NOWHERE = "127.0.0.1:0"


def connect(joined: Joined) -> None:
    """Start jax's distributed runtime; nothing for a run of one process.

    Raises ``ConfigError`` where jax finds that it cannot.
    """
    if joined.address is None:
        return
    # It would take SIGTERM for itself; hosts agree on signals between two ticks.
    jax.config.update("jax_enable_preemption_service", False)  # type: ignore[no-untyped-call]
    jax.config.update("jax_cpu_collectives_implementation", "gloo")  # type: ignore[no-untyped-call]
    try:
        jax.distributed.initialize(
            joined.address,
            joined.hosts.count,
            joined.hosts.number,
            joined.devices,
            cluster_detection_method="deactivate",
            # The first process always starts a service; the hub has the one that is used.
            coordinator_bind_address=NOWHERE,
        )
        jax.devices()  # the first look at them waits for all hosts, so that all have to look
    except RuntimeError as error:
        raise ConfigError(
            f"--coordinator: expected jax to start on {joined.hosts.count} hosts, got {error}; "
            "check that they reach each other"
        ) from None
