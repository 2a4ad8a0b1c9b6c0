"""Compiles a wide model for eight devices in several layouts: ``python -m tests.plan.wide_run``.

Prints as JSON what each program needs, and its arrays that are as large as a whole one. Runs in a
process of its own, because the number of devices is fixed when jax starts.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any
from unittest import mock

import jax

from sinq_jax.batching import Shape
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import make_mesh
from sinq_jax.models import vocabulary
from sinq_jax.models.spec import ModelSpec
from sinq_jax.plan.costs import memory_of
from sinq_jax.plan.programs import (
    held_bytes,
    lower_sampler,
    lower_train_step,
    policy_of,
    weights_of,
)
from sinq_jax.plan.workload import Rollout, Workload

WIDTH, MLP, LAYERS = 192, 4352, 3
KERNEL = WIDTH * MLP
"""Numbers of one layer's wide kernels. The tables and a kernel's stack of layers have three times
as many; logits of the sampler as many, those of the trainer twice as many.
"""
SPEC = ModelSpec(
    vocab=3 * MLP,
    width=WIDTH,
    layers=LAYERS,
    heads=8,
    kv_heads=8,
    head_dim=16,
    mlp=MLP,
    tied=False,
    remat=True,
)
ROLLOUT = Rollout("generator", prompts=8, rows=8, prompt=16, group=8, new=8)
WORK = Workload(
    spec=SPEC,
    adapter=None,
    optimizer=make_optimizer(1.0, 0.01, 0.9, 0.95),
    players=1,
    accumulation=2,
    updates=1,
    lessons=(Shape(rows=16, prompt=16, group=2, new=8),),
    rollouts=(ROLLOUT, ROLLOUT),
)
LAYOUTS = {"fsdp": (1, 8, 1), "both": (1, 4, 2), "tensor": (1, 1, 8)}

_ARRAY = re.compile(r"\b(?:f32|bf16|s32|pred)\[([\d,]+)\]")


def whole(hlo: str, size: int) -> list[str]:
    """The shapes with at least ``size`` numbers that the text of a program names."""
    shapes = {match[1] for match in _ARRAY.finditer(hlo)}
    return sorted(each for each in shapes if math.prod(map(int, each.split(","))) >= size)


def described(compiled: Any, size: int) -> dict[str, Any]:
    memory = memory_of(compiled)
    return {
        "whole": whole(compiled.as_text(), size),
        "arguments": memory.arguments,
        "temporary": memory.temporary,
    }


def unplaced(lower: Callable[[], Any]) -> Any:
    """The program without what places its logits."""
    jax.clear_caches()
    with mock.patch.object(vocabulary, "held", lambda x, *_: x):
        return lower()


def main() -> None:
    jax.config.update("jax_num_cpu_devices", 8)
    jax.config.update("jax_platforms", "cpu")
    said: dict[str, Any] = {}
    for name, sizes in LAYOUTS.items():
        mesh = make_mesh(*sizes)
        # Where nothing but fsdp splits weights, one layer's come whole when their turn is.
        size = LAYERS * KERNEL if name == "fsdp" else KERNEL
        said[name] = {
            "tensor": sizes[2],
            "player": held_bytes(weights_of(WORK, mesh).player),
            "policy": held_bytes(policy_of(WORK, mesh)),
            "train": described(lower_train_step(WORK, mesh).compile(), size),
            "sample": described(lower_sampler(WORK, mesh, ROLLOUT).compile(), size),
        }
    mesh = make_mesh(*LAYOUTS["both"])
    low = unplaced(lambda: lower_train_step(WORK, mesh))
    said["unplaced"] = described(low.compile(), KERNEL)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
