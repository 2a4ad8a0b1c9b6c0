"""Host memory and time that loading a checkpoint takes: a random one of the shape of Qwen2.5-1.5B.

Writes it with our own saver to a temporary folder, then loads it in a fresh process, with a bar,
onto all devices that jax sees there. Reports the most memory that process ever held, as a multiple
of the file's size; on a CPU the arrays themselves are in it and are 1.0 of it. The file was just
written, so it is read from memory more than from the disk. Prints a table and, last, one JSON line.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from sandbox.arguments import OneLineParser
from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.families import spec_of
from sinq_jax.models.shapes import SHAPES
from sinq_jax.models.transformer import init_params
from sinq_jax.models.weights import load_params, save_params
from sinq_jax.progress import Progress, Standing

GB = 10**9
STATUS = Path("/proc/self/status")
MODEL = SHAPES["qwen2.5-1.5b"]
DTYPES = ("bfloat16", "float32")


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="python -m perf.loading", description=__doc__)
    parser.add_argument(
        "--gigabytes",
        type=float,
        default=3.0,
        metavar="GB",
        help="size of the checkpoint, to one layer, in 10^9 bytes (default 3; 0.56 at least)",
    )
    parser.add_argument("--dtype", choices=DTYPES, default="bfloat16", help="(default bfloat16)")
    parser.add_argument(
        "--load",
        type=Path,
        metavar="DIR",
        help="load this checkpoint in this process, write none, and print the JSON line only",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 2 a mistake in what was asked or the checkpoint."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        if asked.load:
            print(json.dumps(load(asked.load, asked.dtype)))
            return 0
        config = _sized(asked.gigabytes, asked.dtype)
        if config["num_hidden_layers"] < 1:
            parser.error("--gigabytes: expected room for one layer; give more")
        return _measure(config, asked.dtype)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


def _sized(gigabytes: float, dtype: str) -> Mapping[str, Any]:
    """The config of the model, with as many layers as make a file of that size."""
    first, second = (_numbers({**MODEL, "num_hidden_layers": layers}) for layers in (1, 2))
    layers = (gigabytes * GB / jnp.dtype(dtype).itemsize - first) / (second - first) + 1
    return {**MODEL, "num_hidden_layers": round(layers)}


def _numbers(config: Mapping[str, Any]) -> int:
    return sum(leaf.size for leaf in jax.tree.leaves(_shapes(config)))


def _shapes(config: Mapping[str, Any]) -> Any:
    return jax.eval_shape(partial(init_params, spec_of(config)), jax.random.key(0))


def _measure(config: Mapping[str, Any], dtype: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "checkpoint"
        write_s = write(checkpoint, config, dtype)
        command = [sys.executable, "-m", "perf.loading", "--load", str(checkpoint)]
        done = subprocess.run(
            [*command, "--dtype", dtype], stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            return done.returncode
        told = json.loads(done.stdout)
    print(f"{config['num_hidden_layers']} layers in {dtype}, on {told['device']}")
    print(f"{'written in':24}{write_s:8.1f} s")
    print(f"{'loaded in':24}{told['seconds']:8.1f} s")
    print(f"{'files':24}{told['file_gb']:8.2f} GB")
    print(f"{'peak memory of the host':24}{told['peak_gb']:8.2f} GB")
    print(f"{'before loading':24}{told['before_gb']:8.2f} GB")
    print(f"{'peak / files':24}{told['ratio']:8.3f}")
    print(json.dumps(told))
    return 0


def write(directory: Path, config: Mapping[str, Any], dtype: str) -> float:
    """Write a random checkpoint; returns the seconds that the saver took."""
    spec = spec_of(config)
    leaves, tree = jax.tree.flatten(_shapes(config))
    # Philox draws several times as fast as jax's default on a CPU.
    keys = jax.random.split(jax.random.key(0, impl="rbg"), len(leaves))
    params = [
        _random(key, leaf.shape, dtype).block_until_ready()
        for key, leaf in zip(keys, leaves, strict=True)
    ]
    began = time.perf_counter()
    save_params(directory, spec, jax.tree.unflatten(tree, params), config, dtype=dtype)
    return time.perf_counter() - began


@partial(jax.jit, static_argnums=(1, 2))
def _random(key: jax.Array, shape: tuple[int, ...], dtype: str) -> jax.Array:
    return jax.random.uniform(key, shape, jnp.dtype(dtype), -0.05, 0.05)


def load(directory: Path, dtype: str) -> dict[str, Any]:
    """Load a checkpoint with a bar on stderr; returns what it took."""
    spec = spec_of(json.loads((directory / "config.json").read_text(encoding="utf-8")))
    shardings = params_sharding(make_mesh(-1, 1, 1), spec)
    size = sum(path.stat().st_size for path in directory.glob("*.safetensors"))
    before, began = _memory("VmRSS"), time.perf_counter()
    with Progress() as bar:
        params = load_params(directory, spec, shardings, dtype, partial(_show, bar))
        for leaf in jax.tree.leaves(params):
            leaf.block_until_ready()
    seconds, peak = time.perf_counter() - began, _memory("VmHWM")
    return {
        "metric": "peak host memory of loading / size of the files",
        "device": jax.devices()[0].device_kind,
        "file_gb": size / GB,
        "before_gb": before / GB,
        "peak_gb": peak / GB,
        "seconds": seconds,
        "ratio": peak / size,
    }


def _show(bar: Progress, done: int, total: int) -> None:
    bar.show(Standing("loading", done / total))


def _memory(field: str) -> int:
    """Bytes of this process: ``VmRSS`` now, ``VmHWM`` at most; unlike ``getrusage``, without what
    the process that started it had.
    """
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(lines[field].split()[0]) * 1024


if __name__ == "__main__":
    sys.exit(main())
