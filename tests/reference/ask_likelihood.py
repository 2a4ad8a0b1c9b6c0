"""Asks ``transformers`` how likely continuations are: ``REFERENCE_PYTHON -m
tests.reference.ask_likelihood FOLDER COMPARISONS.json`` needs torch and transformers, and prints
for each [context, continuations] the sums of log-probabilities as JSON.

Context and continuation are tokenised together; what is summed begins after the tokens that all of
them share with the context alone.
"""

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM


def likelihoods(folder: Path, comparisons: list[tuple[str, list[str]]]) -> list[list[float]]:
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").float().eval()
    # Its classes of tokenizers ask for tokens that a small vocabulary does not have.
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found = []
    for context, continuations in comparisons:
        alone = tokenizer.encode(context).ids
        whole = [tokenizer.encode(context + text).ids for text in continuations]
        shared = min(in_common(alone, ids) for ids in whole)
        found.append([summed(model, ids, shared) for ids in whole])
    return found


def in_common(first: list[int], second: list[int]) -> int:
    alike = [one == other for one, other in zip(first, second, strict=False)]
    return [*alike, False].index(False)


def summed(model: torch.nn.Module, ids: list[int], shared: int) -> float:
    with torch.no_grad():
        logs = model(torch.tensor([ids])).logits[0].double().log_softmax(-1)
    return float(sum(logs[at - 1, ids[at]] for at in range(shared, len(ids))))


if __name__ == "__main__":
    print(json.dumps(likelihoods(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()))))
