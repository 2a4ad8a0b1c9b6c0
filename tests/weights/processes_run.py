"""Loads as one of two processes with two devices each; prints what it found as JSON."""

import json
import sys
from pathlib import Path

import jax

from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.weights import WeightsError, load_params, save_params
from tests.weights.scene import random_params
from tests.weights.sharded_run import CONFIG, SPEC, bytes_read, holds_its_part


def main(folder: Path, address: str, number: int) -> None:
    jax.config.update("jax_num_cpu_devices", 2)
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(address, num_processes=2, process_id=number)
    params = random_params(SPEC, "float32")
    shardings = params_sharding(make_mesh(1, 1, 4), SPEC)
    before = bytes_read()
    loaded = load_params(folder, SPEC, shardings, "float32")
    read = bytes_read() - before
    parts = jax.tree.map(holds_its_part, loaded, params)
    try:
        save_params(folder.with_name(f"saved by {number}"), SPEC, loaded, CONFIG)
    except WeightsError as error:
        told = str(error)
    size = (folder / "model.safetensors").stat().st_size
    found = {"read": read / size, "parts": all(jax.tree.leaves(parts)), "told": told}
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
