"""Devices to plan for: those of a TPU slice that is not there, of a CPU cut into several, or ours.

libtpu compiles for a slice on a machine without any (``jax.experimental.topologies``).
"""

import importlib.util
import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

import jax
from jax.experimental import topologies

from sinq_jax.errors import SinqError

GENERATIONS = ("v4", "v5e", "v5p", "v6e")

_SLICE = re.compile(r"(v\w+):(\d+(?:x\d+){1,2})")
_CPUS = re.compile(r"cpu:(\d+)")


class TopologyError(SinqError, ValueError):
    """A topology that cannot be planned for; the message is one line."""


@dataclass(frozen=True)
class Topology:
    """``devices`` to compile for, and what people call them."""

    name: str
    devices: Sequence[jax.Device]

    @property
    def kind(self) -> str:
        """The kind of every device, as JAX names it."""
        return str(self.devices[0].device_kind)


def open_topology(text: str) -> Topology:
    """The devices that ``text`` describes: ``v5p:4x4x4``, ``cpu:8``, or nothing for those present.

    Raises ``TopologyError`` for other text, a slice that does not exist, or without libtpu.
    ``cpu:N`` has to come before anything uses JAX's devices in this process.
    """
    if not text:
        return Topology(f"{jax.device_count()} x {jax.devices()[0].device_kind}", jax.devices())
    if (match := _CPUS.fullmatch(text)) is not None:
        return Topology(text, _cpus(int(match[1])))
    if (match := _SLICE.fullmatch(text)) is not None and match[1] in GENERATIONS:
        return Topology(text, _slice(text, math.prod(map(int, match[2].split("x")))))
    raise TopologyError(
        f"--topology: expected one of {', '.join(GENERATIONS)} with a shape, as in v5p:4x4x4, or "
        f"cpu:N, got {text!r}; leave it out to plan for the devices that are here"
    )


def _cpus(count: int) -> Sequence[jax.Device]:
    jax.config.update("jax_platforms", "cpu")  # type: ignore[no-untyped-call]
    jax.config.update("jax_num_cpu_devices", count)  # type: ignore[no-untyped-call]
    return jax.devices()


def _slice(text: str, chips: int) -> Sequence[jax.Device]:
    if importlib.util.find_spec("libtpu") is None:
        raise TopologyError(
            f"--topology: expected libtpu to compile for {text}, got an environment without it; "
            "pip install libtpu (requirements-plan.txt has the version)"
        )
    os.environ["TPU_SKIP_MDS_QUERY"] = "1"  # there is no metadata server to ask
    os.environ["TPU_ACCELERATOR_TYPE"] = f"{text.partition(':')[0]}-{chips}"
    os.environ["TPU_WORKER_HOSTNAMES"] = "localhost"
    os.environ["TPU_WORKER_ID"] = "0"
    os.environ["ALLOW_MULTIPLE_LIBTPU_LOAD"] = "1"  # no chip is opened, so there is none to lock
    try:
        return topologies.get_topology_desc(text, platform="tpu").devices
    except Exception as error:  # the plug-in raises its own kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise TopologyError(
            f"--topology: expected a slice that exists, got {text!r} ({reason}); "
            "see cloud.google.com/tpu/docs for the shapes"
        ) from error
