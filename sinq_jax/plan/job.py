"""The job ``plan``: what a config costs on devices, which need not be there, before it is run."""

import sys

from jax.sharding import Mesh

from sinq_jax.config import Config, ConfigError
from sinq_jax.learners import sampling_mesh
from sinq_jax.mesh import MeshError, make_mesh
from sinq_jax.models.weights import WeightsError
from sinq_jax.plan.chips import chip_of
from sinq_jax.plan.estimate import estimate
from sinq_jax.plan.programs import weights_of
from sinq_jax.plan.table import cost_table, joined, memory_table, round_table
from sinq_jax.plan.topology import Topology, TopologyError, open_topology
from sinq_jax.plan.workload import Workload, workload_of
from sinq_jax.pretrained import PretrainedError
from sinq_jax.tokenizers import TokenizerError


def plan(config: Config, topology: str) -> int:
    """Prints the plan; returns the exit status: 0 fits, 2 a mistake or something that does not."""
    try:
        found = open_topology(topology)
        work = workload_of(config)
        text, fits = _planned(config, work, found)
    except (
        ConfigError,
        MeshError,
        PretrainedError,
        TokenizerError,
        TopologyError,
        WeightsError,
    ) as error:
        print(error, file=sys.stderr)
        return 2
    print(text)
    if not fits:
        print(f"--job=plan: {_advice(config, work, found)}", file=sys.stderr)
    return 0 if fits else 2


def _planned(config: Config, work: Workload, topology: Topology) -> tuple[str, bool]:
    training, sampling = _meshes(config, work, topology)
    chip = chip_of(topology.kind)
    head = [
        f"{config.name} on {topology.name}: {_ways(training)} to learn, {_ways(sampling)} to sample"
    ]

    def say(what: str) -> None:
        print(f"compiling: {what}", file=sys.stderr, flush=True)

    found = estimate(work, training, sampling, say)
    memory, fits = memory_table(work, weights_of(work, training), found, chip)
    if not found.steps:
        return joined([head, memory]), False
    devices = len(topology.devices)
    tables = [head, memory, cost_table(found, chip), round_table(work, found, chip, devices)]
    return joined(tables), fits


def _meshes(config: Config, work: Workload, topology: Topology) -> tuple[Mesh, Mesh]:
    mesh = config.mesh
    training = make_mesh(mesh.data, mesh.fsdp, mesh.tensor, mesh.replica, topology.devices)
    return training, sampling_mesh(config, training, work.spec)


def _ways(mesh: Mesh) -> str:
    return " x ".join(f"{axis} {size}" for axis, size in mesh.shape.items() if size > 1) or "1"


def _advice(config: Config, work: Workload, topology: Topology) -> str:
    """What to change first where a program does not fit."""
    rows = min(shape.rows for shape in work.lessons)
    if rows > work.accumulation:
        change = f"--config.learning.accumulation={min(rows, 2 * work.accumulation)}"
    elif not work.spec.remat:
        change = "--config.model.remat=True"
    elif config.mesh.fsdp < len(topology.devices):
        change = f"--config.mesh.fsdp={min(len(topology.devices), 2 * config.mesh.fsdp)}"
    else:
        change = f"--config.rollout.prompts_per_batch={config.rollout.prompts_per_batch // 2}"
    return f"expected a config that fits {topology.name}, got one that does not; try {change}"
