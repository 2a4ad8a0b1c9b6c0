"""Everything that a run needs and never changes."""

from dataclasses import dataclass

from jax.sharding import Mesh

from sandbox import Sandbox
from sinq_jax.config import Config, ConfigError
from sinq_jax.game.prompts import Format, make_format
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.spec import ModelSpec
from sinq_jax.origins import FromScratch
from sinq_jax.players import Learner
from sinq_jax.preparation import Prepared
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.programs.program import Program, ProgramSet
from sinq_jax.rollout import Decoding, Roller
from sinq_jax.tokenizers import Tokenizer


@dataclass(frozen=True)
class Experiment:
    """The surroundings of a run: ``pairs`` teach the warm start, ``exam`` pairs are only measured
    on, ``playable`` are the originals whose prompts fit.
    """

    config: Config
    sandbox: Sandbox
    programs: ProgramSet
    pairs: tuple[LabelledPair, ...]
    exam: tuple[LabelledPair, ...]
    playable: tuple[Program, ...]
    tokenizer: Tokenizer
    form: Format
    learner: Learner
    roller: Roller

    def decoding(self, new_tokens: int) -> Decoding:
        """How play samples, with room for ``new_tokens``."""
        rollout = self.config.rollout
        return Decoding(rollout.temperature, rollout.top_p, rollout.top_k, new_tokens)


def assemble(config: Config, prepared: Prepared, sandbox: Sandbox) -> Experiment:
    """The experiment of a config on the devices that are there.

    Raises ``ConfigError`` when the mesh does not fit the devices or the model, or when no original
    fits the prompt length.
    """
    model, learning, rollout = config.model, config.learning, config.rollout
    spec = ModelSpec(
        vocab=prepared.tokenizer.vocab_size,
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
    )
    mesh = _fitting_mesh(config, spec)
    optimizer = make_optimizer(
        learning.clip_norm, learning.weight_decay, learning.beta1, learning.beta2
    )
    form = make_format(config.prompts.style)
    roller = Roller(
        spec, mesh, prepared.tokenizer, rollout.prompt_tokens, rollout.prompts_per_batch
    )
    return Experiment(
        config=config,
        sandbox=sandbox,
        programs=prepared.programs,
        pairs=prepared.pairs,
        exam=prepared.exam,
        playable=_playable(prepared.programs, form, roller),
        tokenizer=prepared.tokenizer,
        form=form,
        learner=Learner(
            FromScratch(spec, mesh), optimizer, config.players.shared, learning.accumulation
        ),
        roller=roller,
    )


def _fitting_mesh(config: Config, spec: ModelSpec) -> Mesh:
    try:
        mesh = make_mesh(config.mesh.data, config.mesh.fsdp, config.mesh.tensor)
        params_sharding(mesh, spec)
    except ValueError as error:
        raise ConfigError(f"--{error}") from None
    return mesh


def _playable(programs: ProgramSet, form: Format, roller: Roller) -> tuple[Program, ...]:
    fitting = tuple(
        program for program in programs.train if roller.fits(form.generator_prompt(program, 10))
    )
    if not fitting:
        raise ConfigError(
            f"--config.rollout.prompt_tokens: expected room for an original, got "
            f"{roller.prompt_tokens}, which is too short for all {len(programs.train)}; raise it"
        )
    return fitting
