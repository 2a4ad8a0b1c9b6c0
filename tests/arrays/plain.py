"""The same transformer in plain numpy, float64, one sequence at a time, without cache, mask or
padding.
"""

from collections.abc import Iterator

import jax
import numpy as np
from numpy.typing import NDArray

from sinq_jax.learning.layout import GroupBatch
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params

Floats = NDArray[np.float64]


def logits(spec: ModelSpec, params: Params, tokens: list[int]) -> Floats:
    """``[seq, vocab]``: row i says what follows token i."""
    weights = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), params)
    x = weights["embedding"][tokens] * np.sqrt(spec.width)
    for index in range(spec.layers):
        layer = jax.tree.map(lambda leaf, i=index: leaf[i], weights["layers"])
        x = x + _attention(spec, layer, _norm(spec, x, layer["attention_norm"]["scale"]))
        hidden = _norm(spec, x, layer["mlp_norm"]["scale"])
        gate = hidden @ layer["gate"]
        x = x + (gate / (1 + np.exp(-gate)) * (hidden @ layer["up"])) @ layer["down"]
    return _norm(spec, x, weights["final_norm"]["scale"]) @ weights["embedding"].T


def _norm(spec: ModelSpec, x: Floats, scale: Floats) -> Floats:
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + spec.norm_eps) * scale


def _attention(spec: ModelSpec, layer: Params, x: Floats) -> Floats:
    """Head by head; query head h reads key-value head h // repeats."""
    out = np.zeros_like(x)
    for head in range(spec.heads):
        shared = head // spec.repeats
        query = rotated(x @ layer["query"][:, head], spec.rope_theta)
        key = rotated(x @ layer["key"][:, shared], spec.rope_theta)
        value = x @ layer["value"][:, shared]
        out += attention(query, key, value) @ layer["output"][head]
    return out


def attention(query: Floats, key: Floats, value: Floats) -> Floats:
    """Causal attention of one head, ``[seq, head_dim]`` each."""
    seq, head_dim = query.shape
    scores = query @ key.T / np.sqrt(head_dim)
    scores[np.triu_indices(seq, 1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ value


def rotated(x: Floats, theta: float) -> Floats:
    """Rotary positions as multiplication of complex numbers; row i stands at position i."""
    seq, head_dim = x.shape
    half = head_dim // 2
    speed = theta ** (-np.arange(half) / half)
    turned = (x[:, :half] + 1j * x[:, half:]) * np.exp(1j * np.arange(seq)[:, None] * speed)
    return np.concatenate([turned.real, turned.imag], axis=-1)


def log_softmax(scores: Floats) -> Floats:
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def completion_logs(
    spec: ModelSpec, params: Params, prompt: list[int], completion: list[int]
) -> Floats:
    """Log-probabilities ``[completion, vocab]`` of everything that could stand at each of its
    places.
    """
    logs = log_softmax(logits(spec, params, [*prompt, *completion]))
    return logs[len(prompt) - 1 : -1]


def completions(batch: GroupBatch) -> Iterator[tuple[int, int, list[int], list[int]]]:
    """Row, member, prompt and completion of everything in a batch, without padding."""
    for row, length in enumerate(batch.prompt_length):
        prompt = batch.prompt[row, :length].tolist()
        for member, new in enumerate(batch.completion_length[row]):
            yield row, member, prompt, batch.completion[row, member, :new].tolist()
