"""Everything a run needs and never changes: config, programs, labelled pairs, tokenizer, model shape, learner, sandbox."""

from dataclasses import dataclass

from sandbox import Sandbox
from sinq_jax.config import Config
from sinq_jax.game.prompts import Format, make_format
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import make_mesh
from sinq_jax.models.spec import ModelSpec
from sinq_jax.players import Learner
from sinq_jax.preparation import Prepared
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.programs.program import Program, ProgramSet
from sinq_jax.rollout import Decoding, Roller
from sinq_jax.tokenizer import Tokenizer


@dataclass(frozen=True)
class Experiment:
    """The fixed surroundings of a run. ``pairs`` teach the warm start; ``exam`` pairs are only measured on."""

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

    Raises ``ConfigError`` when the mesh does not fit the devices or no program fits the prompt length.
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
    mesh = make_mesh(config.mesh.data, config.mesh.fsdp, config.mesh.tensor)
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
        playable=tuple(
            program
            for program in prepared.programs.train
            if roller.fits(form.generator_prompt(program, 10))
        ),
        tokenizer=prepared.tokenizer,
        form=form,
        learner=Learner(
            spec, mesh, optimizer, config.players.shared, learning.accumulation
        ),
        roller=roller,
    )
