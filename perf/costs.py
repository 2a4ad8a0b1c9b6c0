"""What a Llama costs at least: bytes to be read in a decode step, floating-point operations to
learn from a token.
"""

from __future__ import annotations

from sinq_jax.models.spec import ModelSpec


def decode_bytes(
    spec: ModelSpec, parameters: int, width: int, rows: int, group: int, prompt: int, new: int
) -> float:
    """Bytes read in a step, on average over ``new`` tokens: every weight, the keys and values of
    each prompt once for its ``group`` completions, and of each completion what it has so far.
    ``width`` is the size of a number.
    """
    slots = rows * prompt + rows * group * new / 2
    cached = 2 * spec.layers * spec.kv_heads * spec.head_dim * slots
    return width * (parameters + cached)


def training_flops(spec: ModelSpec, parameters: int, seq: int, frozen: bool = False) -> float:
    """Operations a token, as counted for the model FLOPs utilisation of Chowdhery et al. 2022
    (arXiv 2204.02311, appendix B): 6 a weight, and 12 x layers x heads x head_dim x seq for
    attention, without what is computed again. Where the weights are ``frozen`` they get no
    gradient, which is a third of their products.
    """
    weights = (4 if frozen else 6) * parameters
    return weights + 12.0 * spec.layers * spec.heads * spec.head_dim * seq
