"""A config's work on the meshes that it asks for, checked before anything is compiled."""

from dataclasses import dataclass

from jax.sharding import Mesh

from sinq_jax.axes import BATCH_AXES
from sinq_jax.config import Config
from sinq_jax.learners import sampling_mesh
from sinq_jax.mesh import MeshError, batch_ways, make_mesh
from sinq_jax.plan.memory import Standing
from sinq_jax.plan.topology import Topology
from sinq_jax.plan.workload import Rollout, Workload, workload_of


@dataclass(frozen=True)
class Layout:
    """``work`` on the mesh that is learned on and on the one that is sampled on, and ``standing``,
    what lies in the memory of each device.
    """

    work: Workload
    training: Mesh
    sampling: Mesh
    standing: Standing

    @property
    def devices(self) -> int:
        return int(self.training.size)

    @property
    def programs(self) -> list[str]:
        """The names of the programs whose memory counts."""
        return ["train step", *(f"sampler, {rollout.name}" for rollout in self.work.rollouts)]

    def rollout_of(self, program: str) -> Rollout | None:
        """The rollout that a sampler is of; None for the train step."""
        names = {f"sampler, {rollout.name}": rollout for rollout in self.work.rollouts}
        return names.get(program)


def laid_out(config: Config, topology: Topology) -> Layout:
    """Raises ``MeshError`` where a mesh does not fit the devices, the weights or a batch, and what
    ``workload_of`` raises.
    """
    work, mesh = workload_of(config), config.mesh
    training = make_mesh(mesh.data, mesh.fsdp, mesh.tensor, mesh.replica, topology.devices)
    sampling = sampling_mesh(config, training, work.spec)
    for shape in work.lessons:
        _check_divides(training, "learned from", shape.rows, "mesh")
    for rollout in work.rollouts:
        _check_divides(sampling, "sampled", rollout.rows, "rollout")
    return Layout(work, training, sampling, Standing(work, training, sampling))


def _check_divides(mesh: Mesh, what: str, rows: int, section: str) -> None:
    ways = batch_ways(mesh)
    if rows % ways:
        raise MeshError(
            f"config.{section}: expected {' x '.join(BATCH_AXES)} = {ways} to divide every batch, "
            f"got one of {rows} rows that is {what}; choose another mesh or batch size"
        )
