"""Which tensors of a checkpoint belong to which leaf, and what is missing, extra or mis-shaped."""

from collections.abc import Mapping
from pathlib import Path

from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.weights.errors import WeightsError
from sinq_jax.models.weights.header import DTYPES, Stored
from sinq_jax.models.weights.names import HEAD_PREFIXES, IGNORED, PREFIXES, Entry, entries

Sources = list[tuple[Entry, list[Stored]]]


def match(directory: Path, spec: ModelSpec, stored: Mapping[str, Stored]) -> Sources:
    """Every leaf of ``spec`` with its tensors by layer.

    Raises WeightsError naming the first tensor that is missing, that nothing in ``spec`` asks for,
    or whose shape or dtype is another. Buffers that follow from the config and the copy that some
    tied checkpoints keep of their embedding are passed over.
    """
    prefix = next((p for p in PREFIXES if f"{p}embed_tokens.weight" in stored), PREFIXES[0])
    head = next((p for p in HEAD_PREFIXES if f"{p}lm_head.weight" in stored), HEAD_PREFIXES[0])
    named = [(entry, entry.names(spec, prefix, head)) for entry in entries(spec)]
    wanted = [name for _, names in named for name in names]
    _check_complete(directory, spec, wanted, stored)
    _check_nothing_else(wanted, stored, f"{head}lm_head.weight" if spec.tied else "")
    found = [(entry, [stored[name] for name in names]) for entry, names in named]
    for entry, tensors in found:
        for tensor in tensors:
            _check_fits(entry, spec, tensor)
    return found


def _check_complete(
    directory: Path, spec: ModelSpec, wanted: list[str], stored: Mapping[str, Stored]
) -> None:
    missing = [name for name in wanted if name not in stored]
    if missing:
        raise WeightsError(
            f"{directory}: expected {missing[0]}{_more(missing)} for a model of {spec.layers} "
            f"layers, got {len(stored)} tensors without it; config.json and the weights are of two "
            "models, or a shard is missing"
        )


def _check_nothing_else(wanted: list[str], stored: Mapping[str, Stored], copy: str) -> None:
    known = set(wanted)
    extra = [n for n in stored if n not in known and n != copy and not IGNORED.fullmatch(n)]
    if extra:
        raise WeightsError(
            f"{extra[0]} in {stored[extra[0]].path}: expected only the {len(wanted)} tensors that "
            f"config.json asks for, got this{_more(extra)}; config.json and the weights are of two "
            "models"
        )


def _more(names: list[str]) -> str:
    return f" and {len(names) - 1} more" if names[1:] else ""


def _check_fits(entry: Entry, spec: ModelSpec, tensor: Stored) -> None:
    expected = entry.file_shape(spec)
    if tensor.shape != expected:
        raise WeightsError(
            f"{tensor.name} in {tensor.path}: expected shape {list(expected)} by config.json, got "
            f"{list(tensor.shape)}; config.json and the weights are of two models"
        )
    if tensor.kind not in DTYPES:
        raise WeightsError(
            f"{tensor.name} in {tensor.path}: expected F32, F16 or BF16, got {tensor.kind}; "
            "quantised checkpoints are not read: convert it, or fetch the original"
        )
