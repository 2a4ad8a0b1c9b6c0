"""Weights in: from a Hugging Face directory straight into sharded arrays.

Every leaf is made empty where it will lie and filled block by block, in place. A device is sent
what the file has, as the file has it, and casts and turns it by itself. So a device reads only what
it holds, and the host never has more than two blocks.
"""

from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.weights.blocks import Block, Blocks
from sinq_jax.models.weights.directory import stored_tensors
from sinq_jax.models.weights.header import Stored
from sinq_jax.models.weights.matching import match
from sinq_jax.models.weights.meter import Meter, Watch
from sinq_jax.models.weights.names import leaf_at, put_leaf
from sinq_jax.models.weights.placing import empty, fill, finished
from sinq_jax.models.weights.reader import Reader


def load_params(
    directory: Path, spec: ModelSpec, shardings: Any, dtype: str, progress: Watch | None = None
) -> Any:
    """The parameters of ``spec`` from ``directory``, laid out as ``shardings`` says.

    ``shardings`` is a tree of ``NamedSharding`` like the parameters; ``dtype`` is "float32" or
    "bfloat16", whatever the files have. Numbers that need no cast keep their bits. Raises
    WeightsError, in one line, when the directory does not hold exactly what ``spec`` asks for or a
    file is damaged; nothing is put on a device before the heads of all files were checked.
    """
    sources = match(directory, spec, stored_tensors(directory))
    meter = Meter(progress, sum(each.nbytes for _, tensors in sources for each in tensors))
    params: dict[str, Any] = {}
    with Reader() as reader:
        for entry, tensors in sources:
            blocks = Blocks(entry, spec, leaf_at(shardings, entry), tensors[0].dtype.itemsize)
            leaf = _loaded(blocks, tensors, jnp.dtype(dtype), reader, meter)
            put_leaf(params, entry, leaf)
    return params


def _loaded(
    blocks: Blocks, tensors: list[Stored], dtype: np.dtype[Any], reader: Reader, meter: Meter
) -> jax.Array:
    leaf = empty(blocks, dtype)
    for block in blocks:
        read = partial(_read, reader, tensors, blocks, block)
        placed = jax.make_array_from_callback(blocks.shape, blocks.placement.block, read)
        reader.forget()
        leaf.block_until_ready()  # else blocks would queue up in host memory
        leaf = fill(leaf, placed, dtype, blocks, block)
        meter.count(tensors, blocks, block)
    return finished(leaf, dtype)


def _read(
    reader: Reader, tensors: list[Stored], blocks: Blocks, block: Block, index: tuple[slice, ...]
) -> NDArray[Any]:
    """What a device gets that holds ``index`` of a block."""
    box = blocks.box(block, index)
    if not blocks.entry.layered:
        return reader.read(tensors[0], blocks.file_shape, box)
    (layer, _), *within = box
    return reader.read(tensors[layer], blocks.file_shape, tuple(within))[None]
