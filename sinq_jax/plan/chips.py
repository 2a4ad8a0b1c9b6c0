"""What one accelerator can do, from its maker's data sheet: the ceilings that a plan is held to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chip:
    """``memory_bytes`` of high-bandwidth memory, ``flops`` dense bfloat16 operations a second,
    ``bandwidth`` bytes a second from that memory, ``link`` bytes a second that one chip can send
    to its neighbours. 0: not known.
    """

    name: str
    memory_bytes: int
    flops: float
    bandwidth: float
    link: float


GIB = 2**30

CHIPS = {
    "TPU v4": Chip("TPU v4", 32 * GIB, 275e12, 1.228e12, 300e9),
    "TPU v5 lite": Chip("TPU v5e", 63 * GIB // 4, 197e12, 0.819e12, 200e9),
    "TPU v5": Chip("TPU v5p", 95 * GIB, 459e12, 2.765e12, 600e9),
    "TPU v6 lite": Chip("TPU v6e", 125 * GIB // 4, 918e12, 1.640e12, 448e9),
    "NVIDIA A100-SXM4-80GB": Chip("A100 80 GB", 80 * GIB, 312e12, 2.039e12, 300e9),
    "NVIDIA H100 80GB HBM3": Chip("H100 80 GB", 80 * GIB, 989e12, 3.352e12, 450e9),
    "NVIDIA H200": Chip("H200 141 GB", 141 * GIB, 989e12, 4.8e12, 450e9),
}
"""By the name that JAX gives a device's kind. TPUs: cloud.google.com/tpu/docs/system-architecture
(a link figure is half of the published, which counts both directions; of 16 and 32 GiB of v5e and
v6e, XLA's compiler says that programs have 15.75 and 31.25); GPUs: NVIDIA's data sheets,
without sparsity; NVLink likewise in one direction.
"""


def chip_of(device_kind: str) -> Chip:
    """The chip of a JAX device kind; one of unknown ceilings for a kind that is not listed."""
    return CHIPS.get(device_kind, Chip(device_kind, 0, 0.0, 0.0, 0.0))
