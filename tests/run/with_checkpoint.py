"""A round with a checkpoint from disk, small enough to be compiled in seconds."""

from dataclasses import replace
from pathlib import Path

from sandbox import Sandbox
from sinq_jax.config import (
    Config,
    Model,
    Players,
    Prompts,
    Rollout,
    Selfplay,
    Tokenizer,
    WarmStart,
)
from sinq_jax.experiment import Experiment, assemble
from sinq_jax.interruption import Interruption
from sinq_jax.preparation import prepare
from sinq_jax.progress import Progress
from sinq_jax.training import Run, State
from tests.run.small import get_config

NEW = 96
ADAPTERS = Players(shared=False, adapter_rank=4, adapter_alpha=8.0)


def with_checkpoint(path: Path, players: Players, chat: bool) -> Config:
    """One round that teaches what random weights do: nothing. Both roles have batches of the same
    shapes, so that few programs are compiled.
    """
    config = get_config()
    learning = replace(config.learning, updates=1, evaluator_batch=2, generator_batch=2)
    return replace(
        config,
        model=Model(path=str(path)),
        tokenizer=Tokenizer("checkpoint"),
        prompts=Prompts(style="program", chat=chat),
        players=players,
        warm_start=WarmStart(pairs=0, steps=0, labels=1),
        selfplay=Selfplay(rounds=1, originals=2, variants=2, answers=2),
        rollout=Rollout(
            prompt_tokens=256, generator_tokens=NEW, evaluator_tokens=NEW, prompts_per_batch=2
        ),
        learning=replace(learning, evaluator_groups=2, generator_groups=2),
        benchmark=replace(config.benchmark, pairs=2, samples=2, originals=2),
    )


def played(config: Config, workdir: Path, sandbox: Sandbox) -> tuple[Experiment, State]:
    config.check()
    experiment = assemble(config, prepare(config, workdir, sandbox), sandbox)
    with Run(experiment, workdir, Progress()) as run:
        return experiment, run.train(Interruption())
