"""Low-rank adapters in the format of PEFT, to and from ours.

A layer's matrix ``[out, in]`` is given ``lora_B [out, rank]`` times ``lora_A [rank, in]`` there.
Here both are turned, their joined axes are apart, and layers and adapters are stacked in front.
"""

import json
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.weights.drafts import draft
from sinq_jax.models.weights.errors import WeightsError
from sinq_jax.models.weights.header import DTYPES, Stored, pack_header, read_header
from sinq_jax.models.weights.names import PREFIXES, Entry, projections
from sinq_jax.models.weights.peft_config import CONFIG, PeftConfig, read_config, written_config
from sinq_jax.models.weights.reader import Reader

WEIGHTS = "adapter_model.safetensors"
BEFORE = "base_model.model."
MODULES = {entry.name.removesuffix(".weight").rpartition(".")[2]: entry for entry in projections()}
"""Leaves by what PEFT calls their modules: ``q_proj`` and so on."""

Adapters = dict[str, dict[str, NDArray[np.float32]]]


def load_adapter(directory: Path, spec: ModelSpec) -> tuple[Adapters, float]:
    """One adapter for ``spec``, and its scale: by what its product is multiplied.

    The adapter is ``{target: {"a": [layers, 1, inputs..., rank], "b": [layers, 1, rank,
    outputs...]}}``, float32 on the host. Raises WeightsError, in one line, for an adapter of
    another kind or of another model, or with damaged files.
    """
    config = read_config(directory, MODULES)
    if not (directory / WEIGHTS).is_file():
        raise WeightsError(
            f"{directory}: expected {WEIGHTS}, got none; convert an adapter_model.bin with "
            "save_pretrained of PEFT"
        )
    stored = {each.name: each for each in read_header(directory / WEIGHTS)}
    prefix = next((p for p in PREFIXES if _any_under(p, stored)), PREFIXES[0])
    targets = _targets(directory, stored, config)
    names = {entry.path: list(_names(entry, spec, prefix)) for entry in targets}
    _check_names(directory, [name for own in names.values() for name in own], stored)
    adapters: Adapters = {}
    for entry in targets:
        inputs, outputs = (spec.shape(axes) for axes in reversed(entry.file))
        rows = [stored[name] for name in names[entry.path]]
        a = _stacked(rows[::2], (config.rank, prod(inputs)))
        b = _stacked(rows[1::2], (prod(outputs), config.rank))
        adapters[entry.path] = {
            "a": a.reshape(spec.layers, 1, *inputs, config.rank),
            "b": b.reshape(spec.layers, 1, config.rank, *outputs),
        }
    return adapters, config.scale


def save_adapter(
    directory: Path, spec: ModelSpec, adapters: Any, scale: float, base_name: str, index: int = 0
) -> None:
    """Write the adapter ``index`` of ``adapters`` to ``directory``, new or empty, as PEFT has it,
    in float32.

    ``base_name`` is where PEFT finds the model that it was trained over. Raises WeightsError when
    the directory has files in it, the disk refuses, or the adapters are not ones of ``spec``.
    """
    rank = _check_adapters(spec, adapters, index)
    modules = {module: entry for module, entry in MODULES.items() if entry.path in adapters}
    tensors: dict[str, NDArray[np.float32]] = {}
    for entry in modules.values():
        a, b = (np.asarray(adapters[entry.path][side][:, index], np.float32) for side in "ab")
        flat = zip(a.reshape(spec.layers, -1, rank), b.reshape(spec.layers, rank, -1), strict=True)
        turned = (matrix.T for pair in flat for matrix in pair)
        tensors |= zip(_names(entry, spec, PREFIXES[0]), turned, strict=True)
    config = written_config(rank, scale, modules, base_name)
    with draft(directory) as path:
        (path / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        with (path / WEIGHTS).open("wb") as file:
            file.write(pack_header({name: ("F32", each.shape) for name, each in tensors.items()}))
            for each in tensors.values():
                file.write(each.tobytes())


def _names(entry: Entry, spec: ModelSpec, prefix: str) -> Iterator[str]:
    """The names of A and B of each layer in turn."""
    module = entry.name.removesuffix(".weight")
    for layer in range(spec.layers):
        for side in ("lora_A", "lora_B"):
            yield f"{BEFORE}{prefix}layers.{layer}.{module}.{side}.weight"


def _any_under(prefix: str, stored: Mapping[str, Stored]) -> bool:
    return any(name.startswith(f"{BEFORE}{prefix}layers.") for name in stored)


def _targets(directory: Path, stored: Mapping[str, Stored], config: PeftConfig) -> list[Entry]:
    """The leaves that the adapter names, and those that it has tensors of."""
    found = [
        entry
        for module, entry in MODULES.items()
        if module in (config.targets or ()) or any(f".{module}.lora_" in name for name in stored)
    ]
    if not found:
        raise WeightsError(
            f"{directory / WEIGHTS}: expected an adapter of any of {', '.join(MODULES)}, got "
            f"{next(iter(stored), 'no tensor')}; train one of those modules"
        )
    return found


def _check_names(directory: Path, wanted: list[str], stored: Mapping[str, Stored]) -> None:
    missing = [name for name in wanted if name not in stored]
    extra = sorted(stored.keys() - set(wanted))
    if missing or extra:
        expected = missing[0] if missing else f"{len(wanted)} tensors"
        got = "none" if missing else f"{extra[0]} besides"
        raise WeightsError(
            f"{directory / WEIGHTS}: expected {expected} for this model, got {got}; give an "
            "adapter that was trained over it, of all its layers"
        )


def _stacked(tensors: list[Stored], shape: tuple[int, int]) -> NDArray[np.float32]:
    """The transposed matrices of all layers, float32 ``[layers, *shape[::-1]]``."""
    result = np.empty((len(tensors), *shape[::-1]), np.float32)
    with Reader() as reader:
        for layer, tensor in enumerate(tensors):
            if tensor.shape != shape or tensor.kind not in DTYPES:
                raise WeightsError(
                    f"{tensor.name} in {tensor.path}: expected {list(shape)} in F32, F16 or BF16, "
                    f"got {list(tensor.shape)} in {tensor.kind}; give an adapter that was trained "
                    "over this model, with the rank of its config"
                )
            result[layer] = reader.read(tensor, shape, tuple((0, size) for size in shape)).T
    return result


def _check_adapters(spec: ModelSpec, adapters: Any, index: int) -> int:
    """The rank of the adapters, which all targets must share."""
    entries = {entry.path: entry for entry in MODULES.values()}
    if not adapters or not set(adapters) <= set(entries):
        raise WeightsError(
            f"adapters: expected any of {', '.join(entries)}, got {', '.join(adapters) or 'none'}; "
            "save what init_adapters made"
        )
    _, count, *_, rank = next(iter(adapters.values()))["a"].shape
    for path, sides in adapters.items():
        inputs, outputs = (spec.shape(axes) for axes in reversed(entries[path].file))
        front = (spec.layers, count)
        expected = {"a": (*front, *inputs, rank), "b": (*front, rank, *outputs)}
        got = {side: tuple(leaf.shape) for side, leaf in sides.items()}
        if expected != got:
            raise WeightsError(
                f"adapters, {path}: expected {expected} for this model, got {got}; save adapters "
                "with the spec that they were made for, all of one rank"
            )
    if not 0 <= index < count:
        raise WeightsError(
            f"adapters: expected an index below {count}, got {index}; save one of those there are"
        )
    return int(rank)
