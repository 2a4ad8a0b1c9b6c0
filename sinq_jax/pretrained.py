"""A Hugging Face directory: the shape that its config describes, its tokenizer, and its weights."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from jax.sharding import Mesh

from sinq_jax.errors import SinqError
from sinq_jax.mesh import params_sharding
from sinq_jax.models.config_json import FamilyError
from sinq_jax.models.families import spec_of
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params
from sinq_jax.models.weights import load_params
from sinq_jax.models.weights.directory import stored_tensors
from sinq_jax.models.weights.header import Stored
from sinq_jax.models.weights.matching import match
from sinq_jax.models.weights.meter import Watch
from sinq_jax.tokenizers import Tokenizer, check_fits
from sinq_jax.tokenizers.declared import FILES
from sinq_jax.tokenizers.published import load_tokenizer

DTYPES = ("float32", "bfloat16", "float16")
"""What weights on disk may be."""

LOOKED_AT = 4096
"""Bytes at the beginning of each tensor that tell weights from others."""


class PretrainedError(SinqError, ValueError):
    """A directory that is no checkpoint of a model; the message is one line."""


@dataclass(frozen=True)
class Pretrained:
    """An opened directory. ``config`` is what its config.json says; the weights are not read yet.

    ``fingerprint`` tells it from other checkpoints: of config.json, of the tokenizer's files, and
    of each tensor's name, shape and first bytes. Any training moves every tensor somewhere, so this
    notices other weights of the same shape, and costs milliseconds where all bytes of a 7B model
    would cost as long as loading it does.
    """

    path: Path
    config: Mapping[str, Any]
    spec: ModelSpec
    tokenizer: Tokenizer
    fingerprint: str

    @property
    def stored_dtype(self) -> str:
        """What config.json says that the weights on disk are; float32 where it says nothing that
        can be written.
        """
        told = self.config.get("dtype") or self.config.get("torch_dtype")
        return told if told in DTYPES else "float32"

    def load(self, mesh: Mesh, watch: Watch | None = None) -> Params:
        """The weights in ``spec.param_dtype``, each device reading only what it holds.

        ``watch`` is called with (done, all) bytes. Raises ``WeightsError`` when they are not those
        of ``spec``.
        """
        placed = params_sharding(mesh, self.spec)
        return load_params(self.path, self.spec, placed, self.spec.param_dtype, watch)


def open_pretrained(
    path: Path,
    *,
    dtype: str = "float32",
    param_dtype: Literal["float32", "bfloat16"] = "float32",
    unroll: int = 1,
    remat: bool = False,
) -> Pretrained:
    """Reads everything but the weights, whose files are checked for being whole and those of the
    config's shape.

    Raises ``PretrainedError``, ``FamilyError``, ``WeightsError`` or ``TokenizerError`` when the
    directory is not there, is of a family that is not built, is damaged, or has a tokenizer that
    is larger than the embedding.
    """
    config = _read_config(path)
    try:
        spec = spec_of(config)
    except FamilyError as error:
        raise PretrainedError(f"{path}/{error}") from error
    unroll = min(unroll, spec.layers)
    spec = replace(spec, dtype=dtype, param_dtype=param_dtype, unroll=unroll, remat=remat)
    stored = stored_tensors(path)
    match(path, spec, stored)
    fingerprint = _fingerprint(path, config, stored)
    tokenizer = load_tokenizer(path)
    check_fits(tokenizer, spec.vocab)
    return Pretrained(path, config, spec, tokenizer, fingerprint)


def _read_config(path: Path) -> Mapping[str, Any]:
    file = path / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PretrainedError(
            f"{path}: expected a Hugging Face directory with config.json, got {error.strerror}; "
            "check the path"
        ) from error
    except ValueError as error:
        raise PretrainedError(f"{file}: expected JSON, got {error}; copy it again") from error
    if not isinstance(config, dict):
        raise PretrainedError(f"{file}: expected an object, got {config!r:.40}; copy it again")
    return config


def tokenizer_files(path: Path) -> list[Path]:
    """The files of the directory that make its tokenizer."""
    return [path / name for name in FILES if (path / name).is_file()]


def _fingerprint(path: Path, config: Mapping[str, Any], stored: Mapping[str, Stored]) -> str:
    """32 hexadecimal digits."""
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for file in tokenizer_files(path):
        digest.update(f"\0{file.name}\0".encode())
        digest.update(file.read_bytes())
    for name, tensor in sorted(stored.items()):
        digest.update(f"\0{name} {tensor.kind} {tensor.shape}\0".encode())
        with tensor.path.open("rb") as file_:
            file_.seek(tensor.offset)
            digest.update(file_.read(min(LOOKED_AT, tensor.nbytes)))
    return digest.hexdigest()[:32]
