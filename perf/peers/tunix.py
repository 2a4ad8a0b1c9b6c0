"""google-tunix: its `Sampler`, and the train step of its `PeftTrainer` on all weights."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from tunix.generate.sampler import CacheConfig, Sampler
from tunix.models.llama3.model import ModelConfig
from tunix.models.llama3.params import create_model_from_safe_tensors
from tunix.sft.peft_trainer import PeftTrainer, TrainingConfig

from perf.peers.serving import CHECKED, serve
from perf.peers.work import Work

NEVER = -1
"""A token that is never sampled ends a row, and another one like it fills none."""


class Numbers:
    """A tokenizer whose texts are numbers."""

    def encode(self, text: str) -> list[int]:
        """The numbers in the text."""
        return [int(word) for word in text.split()]

    def decode(self, tokens: list[int]) -> str:
        """Nothing: nobody reads it, and a text would cost time."""
        return ""

    def bos_id(self) -> int:
        """None, which is 0 here."""
        return 0

    def eos_id(self) -> int:
        """None."""
        return NEVER

    def pad_id(self) -> int:
        """None: all prompts have the same length."""
        return NEVER


class _Loaded:
    def __init__(self, work: Work) -> None:
        self.work, shape = work, work.config
        self.device = jax.default_backend()
        config = ModelConfig(
            num_layers=shape["num_hidden_layers"],
            vocab_size=shape["vocab_size"],
            embed_dim=shape["hidden_size"],
            hidden_dim=shape["intermediate_size"],
            num_heads=shape["num_attention_heads"],
            head_dim=shape["head_dim"],
            num_kv_heads=shape["num_key_value_heads"],
            rope_theta=int(shape["rope_theta"]),
            norm_eps=shape["rms_norm_eps"],
            weight_tying=shape["tie_word_embeddings"],
        )
        dtype = jnp.dtype(work.dtype)
        self.model: Any = create_model_from_safe_tensors(work.model, config, dtype=dtype)
        self.tokens = jnp.asarray(work.tokens, jnp.int32)
        rows, seq = self.tokens.shape
        self.positions = jnp.broadcast_to(jnp.arange(seq), (rows, seq))
        self.mask = jnp.broadcast_to(jnp.tril(jnp.ones((seq, seq), bool)), (rows, seq, seq))

    def logits(self) -> Any:
        found, _ = self.model(self.tokens[:1], self.positions[:1], None, self.mask[:1])
        return np.asarray(found[0, -CHECKED:].astype(jnp.float32))


class Sampling(_Loaded):
    """All rows in one call; the cache is exactly as long as prompt and completion."""

    settings = ("static cache",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        shape, self.prompt = work.config, self.tokens.shape[1]
        cache = CacheConfig(
            self.prompt + work.new,
            shape["num_hidden_layers"],
            shape["num_key_value_heads"],
            shape["head_dim"],
        )
        each = [" ".join(map(str, row)) for row in work.tokens]
        self.texts = [text for text in each for _ in range(work.group)]
        self.sampler = Sampler(self.model, Numbers(), cache)

    def use(self, setting: str) -> None:
        """There is one."""

    def round(self, number: int) -> dict[str, Any]:
        made = self.sampler(
            self.texts,
            max_generation_steps=self.work.new,
            max_prompt_length=self.prompt,
            temperature=1.0,
            top_p=1.0,
            eos_tokens=[NEVER],
            seed=number & 0xFFFF,
        )
        new = np.stack(made.tokens)
        assert new.shape == (len(self.texts), self.work.new)
        return {"tokens": new.size}


class Training(_Loaded):
    """Its own loss and its own step; norm scales are exempt from weight decay."""

    settings = ("whole batch", "4 micro-batches")

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.steps: dict[int, Any] = {}

    def use(self, setting: str) -> None:
        """The number of micro-batches is a part of the optimizer, so each has its own."""
        parts = 4 if setting == "4 micro-batches" else 1
        if parts not in self.steps:
            self.steps[parts] = self._trained(parts)
        self.step = self.steps[parts]
        whole = {
            "input_tokens": self.tokens,
            "input_mask": jnp.ones_like(self.tokens, bool),
            "positions": self.positions,
            "attention_mask": self.mask,
        }
        cut = {name: jnp.split(leaf, parts) for name, leaf in whole.items()}
        self.batches = [{name: cut[name][i] for name in cut} for i in range(parts)]

    def _trained(self, parts: int) -> Any:
        """A train step on one of so many parts of a batch."""
        work = self.work
        optimizer = optax.chain(
            optax.clip_by_global_norm(work.clip_norm),
            optax.adamw(
                work.learning_rate,
                work.beta1,
                work.beta2,
                weight_decay=work.weight_decay,
                mask=lambda params: jax.tree.map(lambda leaf: leaf.ndim > 1, params),
            ),
        )
        settings = TrainingConfig(
            eval_every_n_steps=1 << 30, gradient_accumulation_steps=parts if parts > 1 else None
        )
        trainer = PeftTrainer(self.model, optimizer, settings)
        return trainer.jit_train_and_eval_step(cache_nnx_graph=True)[0]

    def round(self, number: int) -> dict[str, Any]:
        losses = [[self.step(batch)[0] for batch in self.batches] for _ in range(self.work.updates)]
        told = [float(jnp.mean(jnp.stack(parts))) for parts in losses]
        return {"tokens": self.tokens.size * self.work.updates, "losses": told}


def _versions() -> str:
    return f"google-tunix {version('google-tunix')}, jax {jax.__version__}"


if __name__ == "__main__":
    serve({"sampling": Sampling, "training": Training}, _versions)
