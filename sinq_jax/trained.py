"""The players of a run as they are at its newest checkpoint, to play with and not to learn."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sinq_jax.checkpoint import CheckpointError, Checkpoints
from sinq_jax.checkpoint_record import Progress
from sinq_jax.config import Config, ConfigError
from sinq_jax.config.schema import build, unnest
from sinq_jax.hosts import ALONE, Hosts
from sinq_jax.learners import make_learner, opened
from sinq_jax.models.weights.meter import Watch
from sinq_jax.players import Learner, Players, resting
from sinq_jax.preparation import kept_tokenizer
from sinq_jax.pretrained import Pretrained
from sinq_jax.randomness import device_key
from sinq_jax.tokenizers import Tokenizer


@dataclass(frozen=True)
class Trained:
    """Players without optimizers, ``learner`` that knows what each role samples with, and how far
    their run had come (None: they are as a run would begin). ``pretrained`` is the checkpoint that
    they began with, None from scratch.
    """

    config: Config
    learner: Learner
    players: Players
    tokenizer: Tokenizer
    pretrained: Pretrained | None
    progress: Progress | None


def open_run(
    workdir: Path,
    config: Config | None = None,
    watch: Watch | None = None,
    hosts: Hosts = ALONE,
) -> Trained:
    """The players of the run in ``workdir``, under its own config or one that differs in the mesh
    alone, on all ``hosts``. ``watch`` is called with (done, all) bytes when frozen weights are
    read.

    Raises ``ConfigError`` when there is no run, ``CheckpointError`` when it has saved nothing that
    can be used, or began with other weights than are there now, and what ``opened`` and
    ``make_learner`` raise.
    """
    config = config or run_config(workdir)
    pretrained = opened(config)
    tokenizer = _tokenizer(config, workdir, pretrained)
    learner = make_learner(config, tokenizer, pretrained, watch)
    origin = learner.origin.fingerprint
    checkpoints = Checkpoints(workdir / "checkpoints", 1, origin, hosts)
    restored = checkpoints.restore(learner.template_to_play(), part=True)
    if restored is None:
        raise CheckpointError(
            f"{workdir}/checkpoints: expected a checkpoint, got none; let the run save one"
        )
    parts: Any = restored.players
    players = {name: resting(part["params"]) for name, part in parts.items()}
    return Trained(config, learner, players, tokenizer, pretrained, restored.progress)


def open_beginning(config: Config, watch: Watch | None = None) -> Trained:
    """The players that a run of this config would begin with, from the checkpoint that it names.

    Raises ``ConfigError`` where it names none, and what ``opened`` and ``make_learner`` raise.
    """
    pretrained = opened(config)
    if pretrained is None:
        raise ConfigError(
            "--config.model.path: expected a checkpoint to open, got none, and players from "
            "scratch have nothing to say; name one, or the --workdir of a run"
        )
    learner = make_learner(config, pretrained.tokenizer, pretrained, watch)
    key = device_key(config.seed, "players")
    if config.players.adapter_rank:
        begun = learner.origin.begin(learner.names, key)
    else:  # what does not learn needs no copies
        begun = dict.fromkeys(learner.names, *learner.origin.begin(["all"], key).values())
    players = {name: resting(params) for name, params in begun.items()}
    return Trained(config, learner, players, pretrained.tokenizer, pretrained, None)


def open_to_ask(
    config: Config, workdir: Path, watch: Watch | None = None, hosts: Hosts = ALONE
) -> tuple[Trained, str]:
    """The players of the run in ``workdir`` where there is one, else those of the checkpoint that
    ``config`` names, and in words which these are. How they are asked is the caller's word: the
    sections ``sample``, ``suites`` and ``rollout``, ``limit``, ``seed`` and ``mesh``.

    Raises what ``open_run`` and ``open_beginning`` raise.
    """
    if not (workdir / "config.json").exists():
        trained, where = open_beginning(config, watch), config.model.path
    else:
        own = replace(run_config(workdir), mesh=config.mesh)
        trained = open_run(workdir, own, watch, hosts)
        assert trained.progress is not None
        where = f"{workdir}, after round {trained.progress.round}"
    own_prompts = trained.config.prompts
    if config.prompts.chat and not own_prompts.chat:
        trained = replace(trained, tokenizer=trained.tokenizer.for_chat())
        own_prompts = replace(own_prompts, chat=True)
    asked = replace(
        trained.config,
        sample=config.sample,
        suites=config.suites,
        rollout=config.rollout,
        limit=config.limit,
        seed=config.seed,
        prompts=own_prompts,
    )
    return replace(trained, config=asked), where


def _tokenizer(config: Config, workdir: Path, pretrained: Pretrained | None) -> Tokenizer:
    return pretrained.tokenizer if pretrained else kept_tokenizer(config, workdir / "data")


def run_config(workdir: Path) -> Config:
    """The config of the run in ``workdir``; raises ``ConfigError`` when there is none."""
    file = workdir / "config.json"
    try:
        return build(Config, unnest(json.loads(file.read_text(encoding="utf-8"))["config"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{file}: expected the config of a run, got {type(error).__name__}; give the --workdir "
            "of a run"
        ) from None
