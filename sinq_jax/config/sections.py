"""The sections of a config: every setting with its default, meaning, unit and bounds.

To add, drop or rename a setting, change its one line here; flags, ``--help`` and checks follow.
"""

from dataclasses import dataclass
from typing import Literal

from sinq_jax.config.schema import setting

AdapterTarget = Literal["query", "key", "value", "output", "gate", "up", "down"]


@dataclass(frozen=True)
class Programs:
    """Where originals come from."""

    source: Literal["builtin", "jsonl", "folder", "tfds"] = setting(
        "builtin",
        "the source of originals: the built-in family, a JSONL file, a folder of .py files, or a "
        "set prepared by python -m sinq_jax.datasets",
    )
    path: str = setting("", "the file or folder of the source; empty for the built-in family")
    train: int = setting(1500, "built-in originals to play and learn with", "programs", low=1)
    validation: int = setting(100, "built-in originals to choose settings with", "programs", low=0)
    held_out: int = setting(
        300, "built-in originals to measure with, never seen", "programs", low=1
    )


@dataclass(frozen=True)
class Tokenizer:
    """How text becomes token ids."""

    kind: Literal["lexical", "sentencepiece", "checkpoint"] = setting(
        "lexical",
        "the tokenizer: Python's small pieces, a SentencePiece model, or what lies in model.path",
    )
    path: str = setting("", "a SentencePiece .model file; empty: learned here")
    vocab_size: int = setting(4096, "size of a learned SentencePiece model", "pieces", low=300)


@dataclass(frozen=True)
class Prompts:
    """How the players are asked."""

    style: Literal["edit", "program"] = setting(
        "edit", "what the generator writes: one edit of the original, or a whole program"
    )
    chat: bool = setting(
        False, "ask through the checkpoint's chat template, each prompt as one user message"
    )


@dataclass(frozen=True)
class Model:
    """The transformer: a shape to begin with from scratch, or a checkpoint that has one."""

    path: str = setting(
        "",
        "a Hugging Face directory to begin with, whose config.json decides the shape; empty: from "
        "scratch, in the shape given here",
        free=True,  # checkpoints know what is in it, and refuse anything else
    )
    shape: Literal[
        "",
        "qwen2.5-1.5b",
        "qwen2.5-7b",
        "qwen3-8b",
        "codellama-7b",
        "llama3.1-8b",
        "llama3.1-70b",
        "gemma2-9b",
        "gemma3-12b",
    ] = setting(
        "",
        "a published shape in place of the numbers given here: to plan without weights, or to hold "
        "model.path to it; empty: none",
    )
    width: int = setting(128, "size of the residual stream", "channels", low=1)
    layers: int = setting(3, "blocks of attention and MLP", "layers", low=1)
    heads: int = setting(4, "query heads", "heads", low=1)
    kv_heads: int = setting(
        2, "key and value heads, shared by groups of query heads", "heads", low=1
    )
    head_dim: int = setting(32, "size of one head", "channels", low=2)
    mlp: int = setting(384, "hidden size of the gated MLP", "channels", low=1)
    rope_theta: float = setting(10_000.0, "base of the rotary wavelengths", "positions", above=0)
    norm_eps: float = setting(1e-6, "what RMSNorm adds to the mean square", above=0)
    dtype: Literal["float32", "bfloat16"] = setting("float32", "the type that activations have")
    param_dtype: Literal["float32", "bfloat16"] = setting(
        "float32", "the type that weights are kept in; what learns is always float32"
    )
    unroll: int = setting(
        3,
        "layers compiled as one step of the loop over layers; all of them on CPU",
        "layers",
        low=1,
    )
    remat: bool = setting(
        False, "keep no activations inside layers to learn from: less memory, a third more work"
    )


@dataclass(frozen=True)
class Mesh:
    """How devices are laid out; the product is the number of devices. A run may go on in another
    layout: like other devices, that moves results in their last bits and no further.
    """

    data: int = setting(
        -1, "ways to split the batch; -1: all devices that are left", "devices", low=-1, free=True
    )
    fsdp: int = setting(1, "ways to split batch and parameters", "devices", low=1, free=True)
    tensor: int = setting(1, "ways to split heads and MLP", "devices", low=1, free=True)
    replica: int = setting(
        1,
        "copies of everything, one on each slice of machines; each has its share of the batch",
        "slices",
        low=1,
        free=True,
    )


@dataclass(frozen=True)
class Players:
    """Who plays."""

    shared: bool = setting(True, "generator and evaluator share one set of weights")
    adapter_rank: int = setting(
        0, "rank of the LoRA adapters that learn over frozen weights; 0: all weights learn", low=0
    )
    adapter_alpha: float = setting(
        16.0, "an adapter's product is multiplied by this over the rank", above=0
    )
    adapter_targets: tuple[AdapterTarget, ...] = setting(
        ("query", "key", "value", "output", "gate", "up", "down"),
        "the projections that get an adapter",
    )
    generator_adapter: str = setting(
        "",
        "a PEFT directory that the generator begins with; empty: one that changes nothing",
    )
    evaluator_adapter: str = setting("", "the same for the evaluator; empty where both share one")


@dataclass(frozen=True)
class WarmStart:
    """Supervised learning on brute-forced pairs, before any play."""

    programs: int = setting(
        1000,
        "originals that labelled pairs are made from; those beyond are only played with",
        "programs",
        low=1,
    )
    pairs: int = setting(
        2000, "labelled pairs to learn from; 0: none, to play from the first step", "pairs", low=0
    )
    steps: int = setting(2000, "optimizer steps", "steps", low=0)
    evaluator_batch: int = setting(32, "questions in one step", "examples", low=1)
    generator_batch: int = setting(64, "variants in one step", "examples", low=1)
    learning_rate: float = setting(2e-3, "peak learning rate", above=0)
    rise_steps: int = setting(50, "steps at the start in which it rises", "steps", low=0)
    decay_share: float = setting(
        0.2,
        "share of the steps at the end in which it falls to learning.final_learning_rate",
        low=0,
        high=1,
    )
    min_density: float = setting(
        0.0, "pairs need more than this share of their inputs diverging", low=0, high=1
    )
    max_density: float = setting(
        0.5, "pairs have at most this share of their inputs diverging", above=0, high=1
    )
    log_every: int = setting(25, "steps from one line of metrics to the next", "steps", low=1)
    labels: int = setting(
        4, "right answers to imitate for each pair: its smallest diverging inputs", low=1, high=8
    )
    games: str = setting(
        "", "published games to learn from beside the pairs, as sinq_jax.intake keeps them"
    )

    @property
    def decay_steps(self) -> int:
        """Steps at the end in which the learning rate falls."""
        return round(self.steps * self.decay_share)


@dataclass(frozen=True)
class Selfplay:
    """The size of one round, and how many there are."""

    rounds: int = setting(150, "rounds of play", "rounds", low=0)
    originals: int = setting(32, "originals in a round", "programs", low=1)
    order: Literal["fresh", "passes"] = setting(
        "fresh",
        "which originals a round has: a fresh draw from all, or the next of a shuffled pass "
        "through all, and then of another",
    )
    variants: int = setting(4, "variants the generator writes for each original", "samples", low=1)
    answers: int = setting(8, "answers of the evaluator for each variant (n)", "samples", low=1)
    writer: Literal["generator", "mutation"] = setting(
        "generator", "who writes the variants: the generator, or fixed mutation operators"
    )
    ask_unproven: bool = setting(
        True, "also ask the evaluator about variants whose own proof failed; they earn nothing"
    )
    lowest_target: int = setting(0, "easiest difficulty asked of the generator", low=0, high=10)
    highest_target: int = setting(10, "hardest difficulty asked of the generator", low=0, high=10)
    equivalent_share: float = setting(0.0, "share of questions on equivalents", low=0, high=0.9)


@dataclass(frozen=True)
class Rollout:
    """How players sample."""

    temperature: float = setting(1.0, "divides the logits before sampling", above=0)
    top_p: float = setting(
        1.0, "smallest set of tokens with this probability is kept", above=0, high=1
    )
    top_k: int = setting(0, "this many likeliest tokens are kept; 0: all", "tokens", low=0)
    prompt_tokens: int = setting(128, "longest prompt; a longer one is not played", "tokens", low=1)
    generator_tokens: int = setting(48, "longest answer of the generator", "tokens", low=1)
    evaluator_tokens: int = setting(24, "longest answer of the evaluator", "tokens", low=1)
    prompts_per_batch: int = setting(32, "prompts that are sampled together", "prompts", low=1)
    fsdp: int = setting(0, "as mesh.fsdp, while sampling; 0: the same", "devices", low=0, free=True)
    tensor: int = setting(
        0, "as mesh.tensor, while sampling; 0: the same", "devices", low=0, free=True
    )


@dataclass(frozen=True)
class Rewards:
    """What a game pays."""

    generator: Literal["target", "learnability"] = setting(
        "target", "the generator's pay: closeness to the target difficulty, or s(n-s)/(n(n-1))"
    )
    max_density: float = setting(
        0.5, "variants that differ on a larger share of inputs are not played", above=0, high=1
    )
    suspicion_inputs: int = setting(
        128,
        "inputs tried on each variant that nobody solved: one that only its writer can tell from "
        "the original earns nothing; costs two sweeps of so many; 0: off",
        "inputs",
        low=0,
    )
    judge: Literal["sound", "quirky"] = setting(
        "sound", "whose word counts as proof: the referee's, or that of the authors' harness"
    )


@dataclass(frozen=True)
class Learning:
    """How players learn from the games of a round."""

    procedure: Literal["online", "paper"] = setting(
        "online", "learn after every round, or by the paper: each time anew from the base model"
    )
    algorithm: Literal["policy_gradient", "expert_iteration"] = setting(
        "policy_gradient", "learn from advantages, or imitate the best answers"
    )
    learning_rate: float = setting(3e-4, "peak learning rate of play and of the control", above=0)
    rise_updates: int = setting(5, "updates at the start in which it rises", "steps", low=0)
    decay_share: float = setting(
        0.3, "share of the updates at the end in which it falls", low=0, high=1
    )
    final_learning_rate: float = setting(
        1e-4, "learning rate at the end of the warm start, of play and of the control", above=0
    )
    updates: int = setting(2, "optimizer steps in a round", "steps", low=1)
    evaluator_batch: int = setting(16, "questions imitated in one step", "examples", low=1)
    generator_batch: int = setting(16, "variants imitated in one step", "examples", low=1)
    memory_rounds: int = setting(
        10, "rounds whose proven games are imitated again", "rounds", low=1
    )
    evaluator_groups: int = setting(
        32, "groups of answers in one step, all answers to one variant each", "groups", low=1
    )
    generator_groups: int = setting(
        16, "groups of variants in one step, all variants of one original each", "groups", low=1
    )
    most_solved: float = setting(
        0.75, "games that a larger share of answers solves are not imitated", low=0, high=1
    )
    policy_share: float = setting(
        1.0, "weight of the policy gradient's loss beside imitation's", low=0
    )
    entropy: float = setting(0.0, "weight of the entropy bonus on own samples", low=0)
    accumulation: int = setting(1, "micro-batches that one optimizer step is cut into", low=1)
    clip_norm: float = setting(1.0, "largest global norm of the gradient", above=0)
    weight_decay: float = setting(0.01, "decoupled weight decay (AdamW)", low=0)
    beta1: float = setting(0.9, "decay of AdamW's first moment", low=0, high=0.9999)
    beta2: float = setting(0.95, "decay of AdamW's second moment", low=0, high=0.99999)
    replay_share: float = setting(
        0.5, "share of the imitated examples that is warm-start data", low=0, high=1
    )
