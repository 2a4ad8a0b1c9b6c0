"""The learner that a config describes: a shape on a mesh, and weights from scratch or from disk."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from jax.sharding import Mesh

from sinq_jax.config import Config, ConfigError
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.adapters import Adapters
from sinq_jax.models.lora import AdapterSpec
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.weights import load_adapter
from sinq_jax.models.weights.meter import Watch
from sinq_jax.origins import FromCheckpoint, FromScratch, Origin, OverFrozen
from sinq_jax.players import Learner
from sinq_jax.pretrained import Pretrained, PretrainedError, open_pretrained
from sinq_jax.tokenizers import Tokenizer


def opened(config: Config) -> Pretrained | None:
    """The checkpoint that a run begins with, its weights unread; None from scratch.

    Raises what ``open_pretrained`` raises, and ``TokenizerError`` when prompts are to go through a
    chat template that it has not got.
    """
    model = config.model
    if not model.path:
        return None
    found = open_pretrained(
        Path(model.path),
        dtype=model.dtype,
        param_dtype=model.param_dtype,
        unroll=model.unroll,
        remat=model.remat,
    )
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
    spec = _from_scratch(config, tokenizer) if pretrained is None else pretrained.spec
    mesh = _fitting_mesh(config, spec)
    optimizer = make_optimizer(
        learning.clip_norm, learning.weight_decay, learning.beta1, learning.beta2
    )
    origin = _origin(config, spec, mesh, pretrained, watch)
    return Learner(origin, optimizer, config.players.shared, learning.accumulation)


def _from_scratch(config: Config, tokenizer: Tokenizer) -> ModelSpec:
    model = config.model
    return ModelSpec(
        vocab=tokenizer.vocab_size,
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
        mesh = make_mesh(config.mesh.data, config.mesh.fsdp, config.mesh.tensor)
        params_sharding(mesh, spec)
    except ValueError as error:
        raise ConfigError(f"--{error}") from None
    return mesh


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
