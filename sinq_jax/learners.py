"""The learner that a config describes: a shape on a mesh, and weights from scratch or from disk."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from jax.sharding import Mesh

from sinq_jax.config import Config, ConfigError
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import MeshError, make_mesh, params_sharding
from sinq_jax.models.adapters import Adapters
from sinq_jax.models.families import spec_of
from sinq_jax.models.lora import AdapterSpec
from sinq_jax.models.shapes import SHAPES
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.weights import load_adapter
from sinq_jax.models.weights.meter import Watch
from sinq_jax.origins import FromCheckpoint, FromScratch, Origin, OverFrozen
from sinq_jax.players import Learner
from sinq_jax.pretrained import Pretrained, PretrainedError, open_pretrained
from sinq_jax.tokenizers import Tokenizer, check_fits


def opened(config: Config) -> Pretrained | None:
    """The checkpoint that a run begins with, its weights unread; None from scratch.

    Raises what ``open_pretrained`` raises, ``TokenizerError`` when prompts are to go through a
    chat template that it has not got, and ``ConfigError`` when none is named where the tokenizer is
    to be a checkpoint's, or one of another shape than ``model.shape``.
    """
    model = config.model
    if not model.path:
        if config.tokenizer.kind == "checkpoint":
            raise ConfigError(
                f"--config.model.path: expected the Hugging Face directory of a {model.shape}, got "
                "none; add --config.model.path=DIR"
            )
        return None
    found = open_pretrained(
        Path(model.path),
        dtype=model.dtype,
        param_dtype=model.param_dtype,
        unroll=model.unroll,
        remat=model.remat,
    )
    if model.shape:
        _hold_to_shape(found, shaped(config))
    if not config.prompts.chat:
        return found
    return replace(found, tokenizer=found.tokenizer.for_chat())


def make_learner(
    config: Config,
    tokenizer: Tokenizer,
    pretrained: Pretrained | None,
    watch: Watch | None = None,
) -> Learner:
    """The learner of a config on the devices that are there. Weights and adapters are read when
    they are first wanted, which may raise ``WeightsError``, or ``PretrainedError`` for an adapter
    of another shape than the config's; ``watch`` is called with (done, all) bytes of weights.

    Raises ``ConfigError`` when the mesh does not fit the devices or the model.
    """
    learning = config.learning
    spec = from_scratch(config, tokenizer.vocab_size) if pretrained is None else pretrained.spec
    check_fits(tokenizer, spec.vocab)
    mesh = _fitting_mesh(config, spec)
    optimizer = make_optimizer(
        learning.clip_norm, learning.weight_decay, learning.beta1, learning.beta2
    )
    origin = _origin(config, spec, mesh, pretrained, watch)
    # By the paper each role learns from its own rows, from one base or from one of its own.
    shared = config.players.shared and not config.by_paper
    return Learner(origin, optimizer, shared, learning.accumulation)


def shaped(config: Config) -> ModelSpec:
    """The published shape that a config names."""
    model = config.model
    return replace(
        spec_of(SHAPES[model.shape]),
        dtype=model.dtype,
        param_dtype=model.param_dtype,
        unroll=model.unroll,
        remat=model.remat,
    )


def _hold_to_shape(found: Pretrained, wanted: ModelSpec) -> None:
    """Raises ``ConfigError`` that names what differs."""
    differing = [
        f"{name} {getattr(found.spec, name)} for {value}"
        for name, value in vars(wanted).items()
        if getattr(found.spec, name) != value
    ]
    if differing:
        raise ConfigError(
            f"--config.model.shape: expected {found.path} to have that shape, got "
            f"{', '.join(differing)}; set it to '' or to the right one"
        )


def from_scratch(config: Config, vocab: int) -> ModelSpec:
    """The shape of a model that begins with random weights, for a tokenizer of ``vocab`` ids."""
    model = config.model
    if model.shape:
        return shaped(config)
    return ModelSpec(
        vocab=vocab,
        width=model.width,
        layers=model.layers,
        heads=model.heads,
        kv_heads=model.kv_heads,
        head_dim=model.head_dim,
        mlp=model.mlp,
        rope_theta=model.rope_theta,
        norm_eps=model.norm_eps,
        dtype=model.dtype,
        unroll=min(model.unroll, model.layers),
        remat=model.remat,
    )


def _fitting_mesh(config: Config, spec: ModelSpec) -> Mesh:
    try:
        mesh = make_mesh(
            config.mesh.data, config.mesh.fsdp, config.mesh.tensor, config.mesh.replica
        )
        params_sharding(mesh, spec)
    except MeshError as error:
        raise ConfigError(f"--{error}") from None
    return mesh


def sampling_mesh(config: Config, training: Mesh, spec: ModelSpec) -> Mesh:
    """The same devices as the config wants them while it samples: often fewer ways to split the
    weights, which each step would have to gather, and more to split the batch.
    """
    rollout, mesh = config.rollout, config.mesh
    fsdp, tensor = rollout.fsdp or mesh.fsdp, rollout.tensor or mesh.tensor
    if (fsdp, tensor) == (mesh.fsdp, mesh.tensor):
        return training
    try:
        made = make_mesh(-1, fsdp, tensor, mesh.replica, [*training.devices.flat])
        params_sharding(made, spec)
    except MeshError as error:
        raise ConfigError(f"--config.rollout: {error}") from None
    return made


def _origin(
    config: Config,
    spec: ModelSpec,
    mesh: Mesh,
    pretrained: Pretrained | None,
    watch: Watch | None,
) -> Origin:
    players = config.players
    if pretrained is None:
        return FromScratch(spec, mesh)
    load = partial(pretrained.load, mesh, watch)
    if not players.adapter_rank:
        return FromCheckpoint(spec, mesh, pretrained.fingerprint, load=load)
    adapter = AdapterSpec(players.adapter_rank, players.adapter_alpha, players.adapter_targets)
    paths = {
        "shared" if players.shared else "generator": players.generator_adapter,
        "evaluator": players.evaluator_adapter,
    }
    given = {name: partial(_given, spec, adapter, path) for name, path in paths.items() if path}
    return OverFrozen(
        replace(spec, adapter_scale=adapter.scale),
        mesh,
        adapter,
        load,
        pretrained.fingerprint,
        given,
    )


def _given(spec: ModelSpec, wanted: AdapterSpec, path: str) -> Adapters:
    """The adapter in a PEFT directory, which has to be of the shape that the config asks for."""
    adapters, scale = load_adapter(Path(path), spec)
    rank = next(iter(adapters.values()))["a"].shape[-1]
    fields = {
        "adapter_rank": (wanted.rank, rank),
        "adapter_alpha": (wanted.alpha, round(scale * rank, 6)),
        "adapter_targets": (",".join(sorted(wanted.targets)), ",".join(sorted(adapters))),
    }
    for field, (asked, got) in fields.items():
        if asked != got:
            raise PretrainedError(
                f"--config.players.{field}: expected {got}, as the adapter in {path} has it, "
                f"got {asked}; change it, or give another adapter"
            )
    return adapters
