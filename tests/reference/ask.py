"""Asks ``transformers`` what a model in a directory says: ``REFERENCE_PYTHON -m tests.reference.ask
TOKENS.npy FOLDER ...`` needs torch and transformers, and writes float32 ``FOLDER/logits.npy``.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM


def ask(folder: Path, tokens: np.ndarray) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").float().eval()
    with torch.no_grad():
        np.save(folder / "logits.npy", model(torch.tensor(tokens)).logits.numpy())


if __name__ == "__main__":
    for name in sys.argv[2:]:
        ask(Path(name), np.load(sys.argv[1]))
