"""How a leaf is cut into blocks, of which one at a time is in host memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import jax
from jax.sharding import NamedSharding, PartitionSpec

from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.weights.names import Entry
from sinq_jax.models.weights.reader import Box

BLOCK = 1 << 23
"""Bytes of a block in one process. Measured on a CPU with a file of 3 GB: 1, 8 and 32 MiB make
loading take 1.09, 1.11 and 1.15 times the file's size of memory, and the same CPU time.
"""


@dataclass(frozen=True)
class Block:
    """Where a block begins: its layer and its first row, counted in each device's own part.

    ``fresh`` is how many of its rows no earlier block had.
    """

    layer: int
    row: int
    fresh: int


@dataclass(frozen=True)
class Placement:
    """How blocks of a leaf lie on the devices: what a device program depends on, and no more.

    ``own`` is the shape of one device's part of a block, ``turn`` the permutation that brings the
    axes of a block into the order of the leaf's.
    """

    leaf: NamedSharding
    block: NamedSharding
    own: tuple[int, ...]
    turn: tuple[int, ...]


@dataclass(frozen=True)
class Blocks:
    """The blocks of one leaf over the devices of ``sharding``: each of one layer of every device's
    part, and of ``rows`` along the first axis of its tensors in the file. The last one of a layer
    begins early where ``rows`` does not divide, so that all have one shape and compile once.
    ``itemsize`` is that of the numbers in a block.

    A block's axes are ``entry.file_axes``, split over the devices as those of the leaf are.
    """

    entry: Entry
    spec: ModelSpec
    sharding: NamedSharding
    itemsize: int

    def __iter__(self) -> Iterator[Block]:
        height = self.local[self.first]
        for layer in range(self.local.get("layers", 1)):
            for begin in range(0, height, self.rows):
                fresh = min(self.rows, height - begin)
                yield Block(layer, min(begin, height - self.rows), fresh)

    @property
    def first(self) -> str:
        """The axis along which tensors are cut."""
        return self.entry.file[0][0]

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The length of each axis of the leaf."""
        return dict(zip(self.entry.leaf_axes, self.entry.leaf_shape(self.spec), strict=True))

    @cached_property
    def local(self) -> Mapping[str, int]:
        """How much of each axis a device holds."""
        shape = self.sharding.shard_shape(self.entry.leaf_shape(self.spec))
        return dict(zip(self.entry.leaf_axes, shape, strict=True))

    @cached_property
    def rows(self) -> int:
        """As many as fit into ``BLOCK`` bytes over all devices that hold different parts."""
        limit: int = BLOCK * jax.process_count()
        parts = prod(self.sizes[axis] // self.local[axis] for axis in self.entry.leaf_axes)
        row = prod(self.local[axis] for axis in self.entry.leaf if axis != self.first)
        return max(1, min(self.local[self.first], limit // (row * parts * self.itemsize)))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a block over all devices."""
        axes = zip(self.entry.file_axes, self._own, strict=True)
        return tuple(own * self.sizes[axis] // self.local[axis] for axis, own in axes)

    @property
    def _own(self) -> tuple[int, ...]:
        cut = {"layers": 1, self.first: self.rows}
        return tuple(cut.get(axis, self.local[axis]) for axis in self.entry.file_axes)

    @property
    def file_shape(self) -> tuple[int, ...]:
        """The shape of one tensor in the file, its joined axes apart."""
        return tuple(self.sizes[axis] for joined in self.entry.file for axis in joined)

    @cached_property
    def placement(self) -> Placement:
        leaf_axes, file_axes = self.entry.leaf_axes, self.entry.file_axes
        split = dict(zip(leaf_axes, self.sharding.spec, strict=False))
        spec: Any = PartitionSpec
        sharding = NamedSharding(self.sharding.mesh, spec(*(split.get(axis) for axis in file_axes)))
        turn = tuple(file_axes.index(axis) for axis in leaf_axes)
        return Placement(self.sharding, sharding, self._own, turn)

    def starts(self, block: Block) -> list[int]:
        """Where a block begins in each device's part of the leaf."""
        begins = {"layers": block.layer, self.first: block.row}
        return [begins.get(axis, 0) for axis in self.entry.leaf_axes]

    def box(self, block: Block, index: tuple[slice, ...]) -> Box:
        """Which part of the whole leaf lies at ``index`` of a block, one device's part of it; along
        ``entry.file_axes``.
        """
        begins = {"layers": block.layer, self.first: block.row}
        return tuple(
            ((place.start or 0) // own * self.local[axis] + begins.get(axis, 0), own)
            for axis, place, own in zip(self.entry.file_axes, index, self._own, strict=True)
        )

    def runs(self, block: Block) -> Iterator[tuple[int, int, tuple[Any, ...]]]:
        """(layer, first row, where in the block) of each run of whole rows in a block: as many as
        there are devices that hold other rows or other layers.
        """
        height, depth = self.local[self.first], self.local.get("layers", 1)
        for part in range(self.sizes[self.first] // height):
            rows = slice(part * self.rows, (part + 1) * self.rows)
            if not self.entry.layered:
                yield 0, part * height + block.row, (rows,)
                continue
            for stack in range(self.sizes["layers"] // depth):
                yield stack * depth + block.layer, part * height + block.row, (stack, rows)
