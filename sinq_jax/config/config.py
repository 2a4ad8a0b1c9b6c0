"""The config of a run: its sections, and the rules that hold across fields.

A file under ``configs/`` returns a ``Config`` that differs from the defaults; the command line
overrides single fields as ``--config.SECTION.FIELD=VALUE``. The settings themselves, with their
meanings and units, are in ``sections.py``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sinq_jax.config import paper
from sinq_jax.config.online import Alarms, Policy, policy_conflicts
from sinq_jax.config.opponents import Crossplay, League, league_conflicts
from sinq_jax.config.paper import Paper
from sinq_jax.config.schema import ConfigError, setting
from sinq_jax.config.sections import (
    Learning,
    Mesh,
    Model,
    Players,
    Programs,
    Prompts,
    Rewards,
    Rollout,
    Selfplay,
    Tokenizer,
    WarmStart,
)
from sinq_jax.config.suites import Suites, suites_conflicts
from sinq_jax.config.surroundings import Benchmark, Checkpoint, Sample, Sandbox
from sinq_jax.config.variety import Variety, variety_conflicts

SHAPE = ("width", "layers", "heads", "kv_heads", "head_dim", "mlp", "rope_theta", "norm_eps")
"""The fields of ``model`` that a checkpoint's config.json decides where there is one."""


@dataclass(frozen=True)
class Config:
    """One run, completely: the same config on the same machine gives the same bits."""

    name: str = setting("tiny", "the name of the experiment, also of its workdir under runs/")
    seed: int = setting(0, "the one seed that everything random comes from", low=0, high=2**32 - 1)
    play: bool = setting(True, "play; False: the control arm, as many steps on warm-start data")
    limit: int = setting(
        0, "the first so many items of each published benchmark; 0: all", "items", low=0
    )
    programs: Programs = Programs()
    tokenizer: Tokenizer = Tokenizer()
    prompts: Prompts = Prompts()
    model: Model = Model()
    mesh: Mesh = Mesh()
    players: Players = Players()
    warm_start: WarmStart = WarmStart()
    selfplay: Selfplay = Selfplay()
    rollout: Rollout = Rollout()
    rewards: Rewards = Rewards()
    learning: Learning = Learning()
    policy: Policy = Policy()
    alarms: Alarms = Alarms()
    paper: Paper = Paper()
    league: League = League()
    variety: Variety = Variety()
    sandbox: Sandbox = Sandbox()
    benchmark: Benchmark = Benchmark()
    checkpoint: Checkpoint = Checkpoint()
    sample: Sample = Sample()
    crossplay: Crossplay = Crossplay()
    suites: Suites = Suites()

    @property
    def by_paper(self) -> bool:
        """Whether this is a run by the paper's procedure; its control arm is like any other."""
        return self.play and self.learning.procedure == "paper"

    @property
    def closing_steps(self) -> int:
        """Optimizer steps after the last round: the one training of the paper's evaluator."""
        return self.paper.evaluator_updates if self.learning.procedure == "paper" else 0

    @property
    def later_steps(self) -> int:
        """Optimizer steps after the warm start."""
        return self.selfplay.rounds * self.learning.updates + self.closing_steps

    def check(self) -> None:
        """Raise ConfigError where fields that are fine alone do not fit together."""
        problems = [f"--config.{problem}" for problem in _conflicts(self)]
        if problems:
            raise ConfigError(*problems)


def _conflicts(config: Config) -> Iterator[str]:
    """Yield ``field: expected X, got Y; what to do`` for every broken rule across fields."""
    yield from _text_conflicts(config)
    yield from _pretrained_conflicts(config)
    yield from _adapter_conflicts(config)
    yield from _model_conflicts(config)
    yield from _play_conflicts(config)
    yield from _learning_conflicts(config)
    yield from league_conflicts(config.league, config.selfplay)
    yield from policy_conflicts(config.policy, config.learning, config.players)
    yield from paper.conflicts(config)
    yield from variety_conflicts(config.variety, config.selfplay, config.warm_start)
    yield from suites_conflicts(config.suites)


def _text_conflicts(config: Config) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", config.name):
        yield (
            f"name: expected letters, digits and . _ - as in a file name, got {config.name!r}; "
            "choose such a name"
        )
    programs, tokenizer = config.programs, config.tokenizer
    if (programs.source == "builtin") == bool(programs.path):
        wanted = "no path" if programs.path else "a path"
        yield (
            f"programs.path: expected {wanted} for the source {programs.source}, "
            f"got {programs.path!r}; change --config.programs.source or the path"
        )
    if tokenizer.kind != "sentencepiece" and tokenizer.path:
        yield (
            f"tokenizer.path: expected no path for the kind {tokenizer.kind}, "
            f"got {tokenizer.path!r}; drop it or use --config.tokenizer.kind=sentencepiece"
        )
    if config.prompts.chat and tokenizer.kind != "checkpoint":
        yield (
            "prompts.chat: expected False without a checkpoint's tokenizer, which has the chat "
            "template, got True; drop it or use --config.tokenizer.kind=checkpoint"
        )
    if programs.source == "builtin" and config.selfplay.originals > programs.train:
        yield (
            f"selfplay.originals: expected at most programs.train ({programs.train}), "
            f"got {config.selfplay.originals}; lower it or raise --config.programs.train"
        )


def _pretrained_conflicts(config: Config) -> Iterator[str]:
    model, kind = config.model, config.tokenizer.kind
    elsewhere = model.path or model.shape
    if (kind == "checkpoint") != bool(model.path) and (model.path or not model.shape):
        wanted = "checkpoint" if model.path else "lexical or sentencepiece"
        yield (
            f"tokenizer.kind: expected {wanted} for model.path {model.path!r}, got {kind}; weights "
            "and tokenizer come from one checkpoint or from none"
        )
    for field in SHAPE if elsewhere else ():
        if getattr(model, field) != getattr(Model(), field):
            yield (
                f"model.{field}: expected no value beside {elsewhere!r}, which has the shape, "
                f"got {getattr(model, field)}; leave it out"
            )
    if model.param_dtype != "float32" and not config.players.adapter_rank:
        yield (
            "model.param_dtype: expected float32 where all weights learn, because an update is "
            f"smaller than the spacing of {model.param_dtype}, got {model.param_dtype}; set "
            "--config.players.adapter_rank to freeze them"
        )


def _adapter_conflicts(config: Config) -> Iterator[str]:
    players = config.players
    paths = {name: getattr(players, name) for name in ("generator_adapter", "evaluator_adapter")}
    if players.adapter_rank and not (config.model.path or config.model.shape):
        yield (
            "players.adapter_rank: expected 0 from scratch, because frozen random weights know "
            f"nothing, got {players.adapter_rank}; set --config.model.path or drop it"
        )
    for name, path in paths.items():
        if path and not players.adapter_rank:
            yield (
                f"players.{name}: expected no path where all weights learn, got {path!r}; set "
                "--config.players.adapter_rank to the rank of that adapter"
            )
    if players.shared and paths["evaluator_adapter"]:
        yield (
            "players.evaluator_adapter: expected no path where both players share one adapter, "
            f"got {paths['evaluator_adapter']!r}; use players.generator_adapter or shared=False"
        )
    targets = players.adapter_targets
    if not targets or len(set(targets)) < len(targets):
        yield (
            f"players.adapter_targets: expected at least one projection and each once, got "
            f"{','.join(targets) or 'none'}; correct the list"
        )


def _model_conflicts(config: Config) -> Iterator[str]:
    model, mesh = config.model, config.mesh
    if model.heads % model.kv_heads:
        yield (
            f"model.heads: expected a multiple of model.kv_heads ({model.kv_heads}), "
            f"got {model.heads}; change one of the two"
        )
    if model.head_dim % 2:
        yield (
            f"model.head_dim: expected an even number, because rotary positions turn pairs, "
            f"got {model.head_dim}; choose {model.head_dim + 1}"
        )
    if mesh.data == 0:
        yield "mesh.data: expected -1 or at least 1, got 0; -1 takes all devices that are left"
    for field in () if model.path or model.shape else ("kv_heads", "mlp"):
        if getattr(model, field) % mesh.tensor:
            yield (
                f"mesh.tensor: expected a divisor of model.{field} ({getattr(model, field)}), "
                f"got {mesh.tensor}; change one of the two"
            )


def _play_conflicts(config: Config) -> Iterator[str]:
    play, learning, sandbox = config.selfplay, config.learning, config.sandbox
    if play.lowest_target > play.highest_target:
        yield (
            f"selfplay.lowest_target: expected at most selfplay.highest_target "
            f"({play.highest_target}), got {play.lowest_target}; lower it"
        )
    if config.rewards.generator == "learnability" and play.answers < 2:
        yield (
            "selfplay.answers: expected at least 2 for the learnability reward, "
            f"got {play.answers}; raise it or use --config.rewards.generator=target"
        )
    for where, samples in {
        "selfplay.variants": play.variants,
        "selfplay.answers": play.answers,
    }.items():
        alone = samples < 2 and config.policy.baseline == "leave_one_out"
        if alone and learning.algorithm == "policy_gradient":
            yield (
                f"{where}: expected at least 2, because policy_gradient compares the samples of a "
                f"group, got {samples}; raise it or use --config.policy.baseline=running"
            )
    if sandbox.confirm_cpu_s < sandbox.cpu_s:
        yield (
            f"sandbox.confirm_cpu_s: expected at least sandbox.cpu_s ({sandbox.cpu_s}), "
            f"got {sandbox.confirm_cpu_s}; raise it"
        )


def _learning_conflicts(config: Config) -> Iterator[str]:
    warm, learning = config.warm_start, config.learning
    if not (warm.pairs or warm.games) and (warm.steps or not config.play):
        yield (
            "warm_start.pairs: expected at least 1 for a warm start or the control arm, got 0; "
            "raise it, name warm_start.games, or use --config.warm_start.steps=0 with "
            "--config.play=True"
        )
    for where, rows in {
        "warm_start.evaluator_batch": warm.evaluator_batch,
        "warm_start.generator_batch": warm.generator_batch,
        "learning.evaluator_batch": learning.evaluator_batch,
        "learning.generator_batch": learning.generator_batch,
        "learning.evaluator_groups": learning.evaluator_groups,
        "learning.generator_groups": learning.generator_groups,
    }.items():
        if rows % learning.accumulation:
            yield (
                f"{where}: expected a multiple of learning.accumulation "
                f"({learning.accumulation}), got {rows}; change one of the two"
            )
    if warm.min_density >= warm.max_density:
        yield (
            f"warm_start.min_density: expected less than warm_start.max_density "
            f"({warm.max_density}), got {warm.min_density}; lower it"
        )
