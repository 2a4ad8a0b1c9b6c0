"""The real sampler and the real train step of this project."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from perf.peers.serving import CHECKED, serve
from perf.peers.work import Work
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.train_step import make_optimizer, new_player, train_step
from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.attention import tree_mask
from sinq_jax.models.families import spec_of
from sinq_jax.models.kernels import KERNELS
from sinq_jax.models.lora import AdapterSpec
from sinq_jax.models.transformer import forward, unembed
from sinq_jax.models.weights import load_params
from sinq_jax.sampling.sampler import SamplerSettings, sample

LARGE = {"cpu": (2048, 1 << 27)}
"""Rows of the matrices, and float32 numbers, by which a device's ceilings are measured."""


class _Loaded:
    def __init__(self, work: Work, param_dtype: Any) -> None:
        self.work = work
        self.device = jax.default_backend()
        shape = spec_of(work.config)
        unroll = shape.layers if self.device == "cpu" else 1
        self.spec = replace(shape, dtype=work.dtype, param_dtype=param_dtype, unroll=unroll)
        mesh = make_mesh(1, 1, 1, devices=jax.devices()[:1])
        shardings = params_sharding(mesh, self.spec)
        self.params = load_params(Path(work.model), self.spec, shardings, param_dtype)
        self.tokens = jnp.asarray(work.tokens, jnp.int32)

    def logits(self) -> Any:
        tokens = self.tokens[:1]
        positions = jnp.arange(tokens.shape[1], dtype=jnp.int32)[None]
        mask = tree_mask(jnp.zeros_like(tokens))
        hidden, _ = forward(self.spec, self.params, tokens, positions, mask)
        return np.asarray(unembed(self.spec, self.params, hidden[:, -CHECKED:])[0])

    def ceilings(self) -> dict[str, float]:
        """What the device reaches at best: ``flops`` and ``bytes`` a second, wall time."""
        size, count = LARGE.get(self.device, (8192, 1 << 29))
        product = jax.jit(lambda x: x @ x * (1 / size), donate_argnums=0)
        moved = jax.jit(lambda x: x + 1, donate_argnums=0)
        return {
            "flops": 2 * size**3 / _seconds(product, jnp.ones((size, size), self.spec.dtype)),
            "bytes": 8 * count / _seconds(moved, jnp.ones(count, jnp.float32)),
        }


def _seconds(run: Callable[[jax.Array], jax.Array], x: jax.Array, times: int = 10) -> float:
    """The median of some runs after the first, each of which gets what the one before it made."""
    found = []
    for _ in range(times + 1):
        began = time.perf_counter()
        x = run(x).block_until_ready()
        found.append(time.perf_counter() - began)
    return median(found[1:])


class Sampling(_Loaded):
    """All prompts in one call."""

    settings = ("as in a run",)

    def __init__(self, work: Work) -> None:
        super().__init__(work, work.dtype)

    def use(self, setting: str) -> None:
        """There is one."""

    def round(self, number: int) -> dict[str, Any]:
        return {"tokens": self._sampled(number, self.work.new)}

    def first_token(self) -> dict[str, float]:
        """Wall seconds of reading the prompts and sampling one token, without the rest."""
        self._sampled(0, 1)
        began = time.perf_counter()
        self._sampled(1, 1)
        return {"wall_s": time.perf_counter() - began}

    def _sampled(self, number: int, new: int) -> int:
        rows, prompt = self.tokens.shape
        keys = jax.random.split(jax.random.key(number & 0xFFFF), (rows, self.work.group))
        made = sample(
            self.spec,
            self.params,
            self.tokens,
            jnp.full(rows, prompt, jnp.int32),
            keys,
            SamplerSettings(jnp.float32(1.0), jnp.float32(1.0), jnp.int32(0)),
            jnp.array([-1], jnp.int32),
            new,
        )
        assert (np.asarray(made.lengths) == new).all()
        return int(np.asarray(made.tokens).size)


class Training(_Loaded):
    """Each row is a prompt of one token and a completion, so that all but the first are learned."""

    settings = ("whole batch", "4 micro-batches")

    def __init__(self, work: Work) -> None:
        super().__init__(work, work.dtype if work.adapter_rank else "float32")
        self.optimizer = make_optimizer(work.clip_norm, work.weight_decay, work.beta1, work.beta2)
        self.base = None
        learned = self.params
        if work.adapter_rank:
            adapter = AdapterSpec(work.adapter_rank, work.adapter_rank, tuple(KERNELS))
            self.base, learned = self.params, adapter.fresh(self.spec, jax.random.key(0))
        self.player = new_player(learned, self.optimizer)
        rows, seq = self.tokens.shape
        self.batch = GroupBatch(
            prompt=self.tokens[:, :1],
            prompt_length=jnp.ones(rows, jnp.int32),
            completion=self.tokens[:, None, 1:],
            completion_length=jnp.full((rows, 1), seq - 1, jnp.int32),
            weight=jnp.ones((rows, 1), jnp.float32),
            behaviour=jnp.zeros((rows, 1, seq - 1), jnp.float32),
            sampled=jnp.zeros((rows, 1), bool),
        )

    def use(self, setting: str) -> None:
        self.parts = 4 if setting == "4 micro-batches" else 1

    def round(self, number: int) -> dict[str, Any]:
        losses = []
        for _ in range(self.work.updates):
            self.player, report = train_step(
                self.spec,
                self.optimizer,
                self.player,
                (self.batch,),
                jnp.ones(1),
                jnp.float32(self.work.learning_rate),
                jnp.zeros(1),
                self.parts,
                self.base,
            )
            losses.append(report.loss[0])
        told = [float(loss) for loss in losses]
        return {"tokens": self.tokens.size * self.work.updates, "losses": told}


if __name__ == "__main__":
    serve({"sampling": Sampling, "training": Training}, lambda: f"jax {jax.__version__}")
