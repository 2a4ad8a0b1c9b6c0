"""Claims: the configs for pods ask for what their devices can be laid out in."""

import pytest

from sinq_jax.config.files import load
from sinq_jax.plan.workload import workload_of


@pytest.mark.parametrize(
    ("name", "devices"), [("coder_7b_v5e16", 16), ("coder_7b_v5p64", 64), ("coder_7b_8gpu", 8)]
)
def test_every_batch_and_weight_divides_by_the_devices(name: str, devices: int) -> None:
    config = load(f"configs/{name}.py")
    config.check()
    work, mesh, rollout = workload_of(config), config.mesh, config.rollout
    assert devices % (mesh.fsdp * mesh.tensor) == 0
    for shape in work.lessons:
        # Each micro-batch has rows for every device that the batch is split over.
        assert shape.rows % (work.accumulation * devices // mesh.tensor) == 0
    tensor = rollout.tensor or mesh.tensor
    for drawn in work.rollouts:
        assert drawn.rows % (devices // tensor) == 0
    for split in (mesh.tensor, tensor):
        assert all(size % split == 0 for size in (work.spec.kv_heads, work.spec.mlp))
        assert work.spec.vocab % split == 0
    assert work.spec.width % mesh.fsdp == 0
