"""Weights in and out: Hugging Face directories and PEFT adapters, to and from our arrays.

``names`` says what each tensor is called and how it lies; ``header``, ``directory`` and ``reader``
read safetensors files, ``matching`` finds what does not belong; ``blocks`` cuts leaves into what is
in host memory at a time, for ``loading`` and ``saving``; ``peft`` has adapters.
"""

from sinq_jax.models.weights.errors import WeightsError
from sinq_jax.models.weights.loading import load_params
from sinq_jax.models.weights.peft import load_adapter, save_adapter
from sinq_jax.models.weights.saving import save_params

__all__ = ["WeightsError", "load_adapter", "load_params", "save_adapter", "save_params"]
