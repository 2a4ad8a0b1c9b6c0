"""Every way to set up a run comes to its end, in the same number of steps."""

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from pathlib import Path

import jax
import numpy as np
import pytest

from sandbox import Sandbox
from sinq_jax.config import Config, Policy, Prompts, Selfplay, Tokenizer
from sinq_jax.config import Players as PlayersConfig
from sinq_jax.experiment import assemble
from sinq_jax.interruption import Interruption
from sinq_jax.metrics import read_metrics
from sinq_jax.players import Players
from sinq_jax.preparation import prepare
from sinq_jax.progress import Progress
from sinq_jax.training import Run, State
from tests.run.small import get_config


def short() -> Config:
    """The small config with one round after a warm start that teaches nothing."""
    config = get_config()
    return replace(
        config,
        warm_start=replace(
            config.warm_start, steps=4, log_every=2, evaluator_batch=2, generator_batch=2
        ),
        selfplay=Selfplay(rounds=1, originals=2, variants=2, answers=2),
        rollout=replace(config.rollout, prompts_per_batch=2),
        learning=replace(config.learning, evaluator_batch=2, generator_batch=2),
        benchmark=replace(config.benchmark, pairs=2, samples=2, originals=2),
    )


def control(config: Config) -> Config:
    return replace(config, play=False)


def separate(config: Config) -> Config:
    return replace(config, players=PlayersConfig(shared=False))


def imitating(config: Config) -> Config:
    return replace(config, learning=replace(config.learning, algorithm="expert_iteration"))


def learnable(config: Config) -> Config:
    return replace(config, rewards=replace(config.rewards, generator="learnability"))


def in_two_parts(config: Config) -> Config:
    return replace(config, learning=replace(config.learning, accumulation=2))


def alone(config: Config) -> Config:
    """Groups of one, which have nobody else to be compared with."""
    policy = Policy("truncated", generator_kl=0.1, baseline="running", reuse_groups=True)
    play = replace(config.selfplay, variants=1, answers=1)
    return replace(config, policy=policy, selfplay=play)


def halved(config: Config) -> Config:
    return replace(config, model=replace(config.model, dtype="bfloat16"))


def whole_programs(config: Config) -> Config:
    rollout = replace(config.rollout, prompt_tokens=384, generator_tokens=96, evaluator_tokens=48)
    return replace(config, prompts=Prompts(style="program"), rollout=rollout)


def in_pieces(config: Config) -> Config:
    rollout = replace(config.rollout, prompt_tokens=96, generator_tokens=32, evaluator_tokens=24)
    return replace(config, tokenizer=Tokenizer("sentencepiece", vocab_size=400), rollout=rollout)


ARMS = {
    "control": (control,),
    "separate players, SentencePiece, learnability": (separate, in_pieces, learnable),
    "bfloat16, accumulation, groups of one": (halved, in_two_parts, alone),
    "whole programs, expert iteration": (whole_programs, imitating),
}


def finished(config: Config, workdir: Path, sandbox: Sandbox) -> State:
    prepared = prepare(config, workdir, sandbox)
    with Run(assemble(config, prepared, sandbox), workdir, Progress()) as run:
        return run.train(Interruption())


def updates(players: Players) -> dict[str, int]:
    return {name: int(player.step) for name, player in players.items()}


@pytest.mark.parametrize("changes", ARMS.values(), ids=ARMS)
def test_the_run_ends_with_all_its_steps_made(
    changes: tuple[Callable[[Config], Config], ...], sandbox: Sandbox, tmp_path: Path
) -> None:
    config = reduce(lambda config, change: change(config), changes, short())
    config.check()
    state = finished(config, tmp_path, sandbox)
    steps = config.warm_start.steps + config.selfplay.rounds * config.learning.updates
    names = ["shared"] if config.players.shared else ["generator", "evaluator"]
    assert updates(state.players) == dict.fromkeys(names, steps)
    finite = jax.tree.map(
        lambda leaf: bool(np.isfinite(np.asarray(leaf, np.float32)).all()), state.players
    )
    assert all(jax.tree.leaves(finite))
    rows = read_metrics(tmp_path)
    assert rows[-1]["step"] == steps
    assert "benchmark/success" in rows[-1]
