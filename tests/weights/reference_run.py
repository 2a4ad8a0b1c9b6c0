"""What ``transformers`` and PEFT write and read; for an interpreter that has them.

``PYTHON -m tests.weights.reference_run make FOLDER`` writes ``FOLDER/CASE/`` for every case:
``theirs/whole``, ``theirs/sharded`` (with an index), ``theirs/bfloat16`` and ``theirs/adapter``,
and ``answers.npz`` with tokens and the logits of the adapted model. ``compare`` loads those
and the directories of the same names under ``ours``, and prints as JSON how they differ.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    PreTrainedModel,
)

from tests.reference.cases import CASES, VOCAB
from tests.reference.make_goldens import random_model

WITH_EYES = "gemma3-eyes"
WHOLE_MODELS = ("whole", "sharded", "bfloat16")


def with_eyes() -> PreTrainedModel:
    """A small Gemma 3 that also sees images; its text part is that of another case."""
    text = {key: value for key, value in CASES["gemma3"].items() if key != "model_type"}
    vision = {
        "hidden_size": 8,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "image_size": 8,
        "patch_size": 4,
    }
    config = Gemma3Config(text_config=text, vision_config=vision, mm_tokens_per_image=4)
    model = Gemma3ForConditionalGeneration(config).float().eval()
    states = model.state_dict()
    for name, tensor in random_model("gemma3", seed=1).state_dict().items():
        known = name.replace("model.", "model.language_model.", 1)
        states[known if known in states else name] = tensor
    model.load_state_dict(states)
    return model


def adapted(model: PreTrainedModel, seed: int, **options: Any) -> PeftModel:
    """The model with an adapter whose every number matters."""
    torch.manual_seed(seed)
    config = LoraConfig(r=3, lora_alpha=5, init_lora_weights=False, **options)
    peft = get_peft_model(model, config).eval()
    with torch.no_grad():
        for name, weight in peft.named_parameters():
            if "lora_" in name:
                weight.copy_(0.2 * torch.randn(weight.shape))
    return peft


def logits(model: Any, tokens: Any) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=torch.tensor(tokens)).logits.float()


def make(folder: Path, name: str, seed: int) -> None:
    model = with_eyes() if name == WITH_EYES else random_model(name, seed)
    theirs = folder / name / "theirs"
    model.save_pretrained(theirs / "whole")
    model.save_pretrained(theirs / "sharded", max_shard_size="20KB")
    options: dict[str, Any] = {"target_modules": ["q_proj", "v_proj", "down_proj"]}
    if seed % 2:
        options = {"target_modules": "all-linear", "use_rslora": True}
    tokens = np.random.default_rng(seed).integers(0, VOCAB, (2, 40))
    answers = {"tokens": tokens}
    if name != WITH_EYES:
        peft = adapted(model, seed, **options)
        peft.save_pretrained(theirs / "adapter")
        answers["logits"] = logits(peft, tokens).numpy()
        model = peft.unload()
    np.savez(folder / name / "answers.npz", **answers)
    model.bfloat16().save_pretrained(theirs / "bfloat16")


def same_states(one: Any, other: Any) -> str:
    """Empty, or how two state dicts differ."""
    left, right = one.state_dict(), other.state_dict()
    if left.keys() != right.keys():
        return f"names: {sorted(left.keys() ^ right.keys())[:3]}"
    odd = [
        name
        for name in left
        if left[name].dtype != right[name].dtype or not torch.equal(left[name], right[name])
    ]
    return f"values: {odd[:3]}" if odd else ""


def same_logits(one: Any, other: Any, tokens: Any) -> str:
    left, right = logits(one, tokens), logits(other, tokens)
    return "" if torch.equal(left, right) else f"logits: {(left - right).abs().max()}"


def compare(folder: Path, name: str) -> dict[str, str]:
    """By directory: empty, or how ours differs from theirs."""
    tokens = np.load(folder / name / "answers.npz")["tokens"]
    found = {}
    ours, theirs = folder / name / "ours", folder / name / "theirs"
    for kind in WHOLE_MODELS:
        one, other = (
            AutoModelForCausalLM.from_pretrained(
                path / kind, dtype="auto", attn_implementation="eager"
            )
            for path in (theirs, ours)
        )
        states = "" if name == WITH_EYES else same_states(one, other)
        found[kind] = states or same_logits(one, other, tokens)
    if name != WITH_EYES:
        one, other = (
            PeftModel.from_pretrained(
                AutoModelForCausalLM.from_pretrained(theirs / "whole", attn_implementation="eager"),
                path / "adapter",
            )
            for path in (theirs, ours)
        )
        found["adapter"] = same_states(one, other) or same_logits(one, other, tokens)
    return found


def main(what: str, folder: Path) -> None:
    names = [*CASES, WITH_EYES]
    if what == "make":
        for seed, name in enumerate(names):
            make(folder, name, seed)
    else:
        print(json.dumps({name: compare(folder, name) for name in names}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
