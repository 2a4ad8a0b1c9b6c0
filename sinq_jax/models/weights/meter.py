"""How far the bytes of a checkpoint have come."""

from collections.abc import Callable, Sequence

from sinq_jax.models.weights.blocks import Block, Blocks
from sinq_jax.models.weights.header import Stored

Watch = Callable[[int, int], None]
"""Called with (done, total) bytes after every block; ``done`` grows, up to ``total``."""


class Meter:
    """Counts bytes and tells ``watch``, if there is one."""

    def __init__(self, watch: Watch | None, total: int) -> None:
        self._watch = watch
        self._total = total
        self._done = 0

    def count(self, tensors: Sequence[Stored], blocks: Blocks, block: Block) -> None:
        """A block of these tensors has been moved."""
        rows = blocks.sizes[blocks.first]
        for layer, _, _ in blocks.runs(block):
            self._done += tensors[layer].nbytes // rows * block.fresh
        if self._watch:
            self._watch(self._done, self._total)
