"""`transformers` on torch: its `generate`, and a plain loop with torch's own AdamW.

`SINQ_TORCH_THREADS` is the number of threads; without it, torch takes one for each core.
"""

from __future__ import annotations

import os
from typing import Any

import torch
import transformers

from perf.peers.serving import CHECKED, serve
from perf.peers.work import Work

THREADS = os.environ.get("SINQ_TORCH_THREADS")


class _Loaded:
    def __init__(self, work: Work) -> None:
        torch.set_num_threads(int(THREADS or len(os.sched_getaffinity(0))))
        self.work = work
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        model = transformers.AutoModelForCausalLM.from_pretrained(
            work.model, dtype=getattr(torch, work.dtype), attn_implementation="sdpa"
        )
        self.model = model.to(self.device)
        self.tokens = torch.tensor(work.tokens, device=self.device)

    def logits(self) -> Any:
        with torch.inference_mode():
            return self.model(self.tokens[:1]).logits[0, -CHECKED:].float().cpu().numpy()


class Sampling(_Loaded):
    """All rows in one call; no token ends one early."""

    settings = ("growing cache", "static cache")

    def use(self, setting: str) -> None:
        self.cache = {"cache_implementation": "static"} if setting == "static cache" else {}

    def round(self, number: int) -> dict[str, Any]:
        torch.manual_seed(number & 0xFFFF)
        work, prompt = self.work, self.tokens.shape[1]
        with torch.inference_mode():
            made = self.model.generate(
                self.tokens,
                attention_mask=torch.ones_like(self.tokens),
                num_return_sequences=work.group,
                do_sample=True,
                temperature=1.0,
                top_p=1.0,
                top_k=0,
                max_new_tokens=work.new,
                eos_token_id=None,
                pad_token_id=0,
                **self.cache,
            )
        new = made[:, prompt:].cpu()
        assert new.shape == (len(self.tokens) * work.group, work.new)
        return {"tokens": new.numel()}


class Training(_Loaded):
    """All weights learn; norm scales are exempt from weight decay, as in the other arms."""

    settings = ("whole batch",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.model.train()
        weights = list(self.model.parameters())
        groups = [
            {"params": [p for p in weights if p.ndim > 1], "weight_decay": work.weight_decay},
            {"params": [p for p in weights if p.ndim == 1], "weight_decay": 0.0},
        ]
        betas = work.beta1, work.beta2
        self.optimizer = torch.optim.AdamW(groups, lr=work.learning_rate, betas=betas, fused=True)

    def use(self, setting: str) -> None:
        """There is one."""

    def round(self, number: int) -> dict[str, Any]:
        losses = []
        for _ in range(self.work.updates):
            loss = self.model(self.tokens, labels=self.tokens).loss
            self.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.work.clip_norm)
            self.optimizer.step()
            losses.append(loss.detach())
        told = [loss.item() for loss in losses]
        return {"tokens": self.tokens.numel() * self.work.updates, "losses": told}


def _versions() -> str:
    return f"transformers {transformers.__version__}, torch {torch.__version__}"


if __name__ == "__main__":
    serve({"sampling": Sampling, "training": Training}, _versions)
