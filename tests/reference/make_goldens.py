"""Asks ``transformers`` about small random models, and keeps what it answers.

``REFERENCE_PYTHON -m tests.reference.make_goldens FOLDER [SEED] [CASE ...]`` needs torch and
transformers, and writes for each case ``FOLDER/CASE/``: the model as ``transformers`` saves it, and
``answers.npz``. Those of seed 0 are kept in ``tests/reference/goldens``, so that the claims hold
where the reference is not installed.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from tests.reference.cases import CASES, NEW, PROMPT, VOCAB

CLOSEST = 2e-3
"""Two tokens nearer to each other than this could change places by rounding."""
TRIES = 128
"""Prompts that are continued, of which the most varied text is kept: most run into a circle."""


def random_model(name: str, seed: int) -> PreTrainedModel:
    """A float32 model whose every part matters: nothing is near 0, and no norm is near 1."""
    options = dict(CASES[name])
    config = AutoConfig.for_model(options.pop("model_type"), **options)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for path, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            weight.copy_(_scaled(path, noise, offset=config.model_type.startswith("gemma")))
    return model


def _scaled(path: str, noise: torch.Tensor, offset: bool) -> torch.Tensor:
    if "norm" in path:
        # Small embeddings, so that a text does not repeat its last token; hence a large last norm.
        size = 5.0 if path.endswith("model.norm.weight") else 1.0
        return size * (1 + 0.3 * noise) - (1.0 if offset else 0.0)
    if "bias" in path:
        return 0.5 * noise
    if "embed" in path or "head" in path:
        return 0.15 * noise
    # Queries and keys that attend to few tokens: an even attention would hide a wrong mask.
    return noise * (1.6 if "q_proj" in path or "k_proj" in path else 1.1) / noise.shape[1] ** 0.5


def answers(model: PreTrainedModel, seed: int) -> dict[str, np.ndarray]:
    """Logits of two texts at once, and a greedy continuation with the logits of its cached steps:
    int32 ``tokens`` ``[2, seq]``, float32 ``logits`` ``[2, seq, vocab]``; ``prompt`` ``[prompt]``,
    ``continuation`` ``[new]``, ``steps`` ``[new, vocab]``.
    """
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, VOCAB, (2, 40))
    with torch.no_grad():
        logits = model(torch.tensor(tokens)).logits
    prompts = rng.integers(0, VOCAB, (TRIES, PROMPT))
    texts, steps = _greedy(model, prompts)
    first, second = np.moveaxis(np.sort(steps, axis=-1)[..., -2:], -1, 0)[::-1]
    variety = np.array([len(set(text)) for text in texts.tolist()])
    best = np.argmax(np.where((first - second).min(axis=1) > CLOSEST, variety, 0))
    return {
        "tokens": tokens.astype(np.int32),
        "logits": logits.numpy(),
        "prompt": prompts[best].astype(np.int32),
        "continuation": texts[best].astype(np.int32),
        "steps": steps[best],
    }


def _greedy(model: PreTrainedModel, prompts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ids = torch.tensor(prompts)
    made = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=NEW,
        do_sample=False,
        use_cache=True,
        output_logits=True,
        return_dict_in_generate=True,
    )
    return made.sequences[:, PROMPT:].numpy(), torch.stack(made.logits, dim=1).numpy()


def write(folder: Path, name: str, seed: int) -> None:
    """One case: ``config.json``, ``model.safetensors``, ``answers.npz``."""
    model = random_model(name, seed)
    model.save_pretrained(folder / name)
    (folder / name / "generation_config.json").unlink(missing_ok=True)
    np.savez_compressed(folder / name / "answers.npz", **answers(model, seed))


def main(folder: Path, seed: int, names: list[str]) -> None:
    for name in names or CASES:
        write(folder, name, seed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0, sys.argv[3:])
