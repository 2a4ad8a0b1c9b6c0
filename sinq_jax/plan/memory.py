"""What lies in one device's memory while a round is played, and what of it is what."""

from jax.sharding import Mesh

from sinq_jax.mesh import batch_ways
from sinq_jax.plan.estimate import Estimate, Estimates
from sinq_jax.plan.programs import Weights, held_bytes, policy_of, weights_of
from sinq_jax.plan.workload import Rollout, Workload

GIB = 2**30


def weight_rows(work: Workload, weights: Weights) -> list[tuple[str, int]]:
    """What lies on a device all the time, and how many bytes it takes."""
    player = weights.player
    learned = [("optimizer", held_bytes(player.optimizer) * work.players)]
    params = held_bytes(player.params) * work.players
    if weights.base is None:
        return [("parameters", params), *learned]
    return [("frozen parameters", held_bytes(weights.base)), ("adapters", params), *learned]


def cache_bytes(work: Workload, mesh: Mesh, rollout: Rollout) -> int:
    """Keys and values of the prompts and of their completions, on one device."""
    spec = work.spec
    rows = -(-rollout.rows // batch_ways(mesh))
    slots = rows * (rollout.prompt + rollout.group * rollout.new)
    each = spec.kv_heads * spec.head_dim * spec.compute_dtype.itemsize // mesh.shape["tensor"]
    return int(2 * spec.layers * slots * each)


class Standing:
    """Bytes of one device beside those that a program is given, from the places of the weights."""

    def __init__(self, work: Workload, training: Mesh, sampling: Mesh) -> None:
        weights = weights_of(work, training)
        self.rows = weight_rows(work, weights)
        self.all = sum(size for _, size in self.rows)
        self.gradients = held_bytes(weights.player.params)
        self.policy = held_bytes(policy_of(work, sampling))
        self.caches = {each.name: cache_bytes(work, sampling, each) for each in work.rollouts}
        base = 0 if weights.base is None else held_bytes(weights.base)
        # The train step is given one player and the base; the sampler a copy of the weights, unless
        # they lie already as it wants them (``sinq_jax.sampling.weights.laid_out``).
        self.learning = base + held_bytes(weights.player)
        as_they_lie = training == sampling and work.spec.compute_dtype == work.spec.stored_dtype
        self.sampled = (base or self.gradients) if as_they_lie else 0

    def peak(self, program: Estimate) -> int:
        """The most that is held at once while a program runs."""
        mine = self.sampled if program.name.startswith("sampler") else self.learning
        return program.memory.peak + self.all - mine

    def least(self, program: str) -> int:
        """What is held in any case, before anything is compiled."""
        if program.startswith("sampler"):
            return self.all - self.sampled + self.policy + self.caches[program.split(", ")[1]]
        return self.all + self.gradients

    def parts(self, program: Estimate) -> list[tuple[str, int]]:
        """What a program needs beside what lies there all the time; activations are the rest."""
        if program.name.startswith("sampler"):
            known = [("KV cache", self.caches[program.name.split(", ")[1]])]
            given = [("weights", self.policy)]
        else:
            known, given = [("gradients", self.gradients)], []
        rest = program.memory.temporary + program.memory.results - sum(size for _, size in known)
        return [*given, *known, ("activations", max(0, rest))]


def memory_table(
    standing: Standing, found: Estimates, name: str, memory: int
) -> tuple[list[str], dict[str, int]]:
    """The lines, and the peaks in bytes of the programs that do not fit into ``memory`` (0: it is
    not known) bytes of a chip that is called ``name``.
    """
    lines = ["memory of one device, GiB"]
    lines += [f"  {what:<34} {size / GIB:9.3f}" for what, size in standing.rows]
    large: dict[str, int] = {}
    for each in found.programs:
        peak = standing.peak(each)
        if each.refused or (memory and peak > memory):
            large[each.name] = peak
        parts = ", ".join(f"{what} {size / GIB:.3f}" for what, size in standing.parts(each))
        lines.append(
            f"  {each.name + ', at most':<34} {peak / GIB:9.3f}  ({parts}; "
            f"{'DOES NOT FIT' if each.name in large else 'fits'}; "
            f"compiled in {each.compile_s:.0f} s)"
        )
    if memory:
        lines.append(f"  {name + ' has':<34} {memory / GIB:9.3f}")
    return lines, large
