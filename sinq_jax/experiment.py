"""Everything that a run needs and never changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from jax.sharding import Mesh

from sandbox import Judge
from sinq_jax.config import Config, ConfigError
from sinq_jax.game.prompts import Format, make_format
from sinq_jax.game.published import Published
from sinq_jax.game.records import Role
from sinq_jax.learners import make_learner, sampling_mesh
from sinq_jax.mesh import batch_ways
from sinq_jax.models.transformer import Params
from sinq_jax.models.weights.meter import Watch
from sinq_jax.players import ROLES, Learner, Players
from sinq_jax.preparation import Prepared
from sinq_jax.programs.equivalents import EquivalentPair
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.programs.program import Program, ProgramSet
from sinq_jax.rollout import Decoding, Roller
from sinq_jax.tokenizers import Tokenizer

Policies = Mapping[Role, Params]
"""The parameters that each role samples with."""


@dataclass(frozen=True)
class Experiment:
    """The surroundings of a run: ``pairs`` teach the warm start, ``exam`` pairs are only measured
    on, ``playable`` are the originals whose prompts fit. ``equivalents`` and ``exam_equivalents``
    are pairs that do the same, to learn from and to measure on. ``borrowed`` are published games
    that the warm start learns from like its pairs.
    """

    config: Config
    sandbox: Judge
    programs: ProgramSet
    pairs: tuple[LabelledPair, ...]
    exam: tuple[LabelledPair, ...]
    playable: tuple[Program, ...]
    tokenizer: Tokenizer
    form: Format
    learner: Learner
    roller: Roller
    equivalents: tuple[EquivalentPair, ...] = ()
    exam_equivalents: tuple[EquivalentPair, ...] = ()
    borrowed: tuple[Published, ...] = ()

    def policies(self, players: Players) -> Policies:
        """What each role samples with, laid out for it: once for all that is sampled in a round."""
        if self.learner.shared:
            return dict.fromkeys(ROLES, self._policy(players, "generator"))
        return {role: self._policy(players, role) for role in ROLES}

    def _policy(self, players: Players, role: Role) -> Params:
        return self.roller.lay_out(self.learner.params(players, role))

    def decoding(self, new_tokens: int) -> Decoding:
        """How play samples, with room for ``new_tokens``."""
        rollout = self.config.rollout
        return Decoding(rollout.temperature, rollout.top_p, rollout.top_k, new_tokens)


def assemble(
    config: Config, prepared: Prepared, sandbox: Judge, watch: Watch | None = None
) -> Experiment:
    """The experiment of a config on the devices that are there; ``watch`` is called with (done,
    all) bytes of weights that are read.

    Raises ``ConfigError`` when the mesh does not fit the devices or the model, or when no original
    fits the prompt length, and what ``make_learner`` raises.
    """
    rollout = config.rollout
    learner = make_learner(config, prepared.tokenizer, prepared.pretrained, watch)
    form = make_format(config.prompts.style)
    sampling = sampling_mesh(config, learner.mesh, learner.spec)
    _expect_whole_shares(config, learner.mesh, sampling)
    roller = Roller(
        learner.spec,
        sampling,
        prepared.tokenizer,
        rollout.prompt_tokens,
        rollout.prompts_per_batch,
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
        learner=learner,
        roller=roller,
        equivalents=prepared.equivalents.pairs,
        exam_equivalents=prepared.exam_equivalents.pairs,
        borrowed=prepared.borrowed.games,
    )


def _expect_whole_shares(config: Config, training: Mesh, sampling: Mesh) -> None:
    """Raises ``ConfigError`` for a batch that the mesh would have to split unevenly: now, and not
    when it is first wanted.
    """
    warm, learning = config.warm_start, config.learning
    sizes = {
        "learning.evaluator_batch": (learning.evaluator_batch, training),
        "learning.generator_batch": (learning.generator_batch, training),
        "rollout.prompts_per_batch": (config.rollout.prompts_per_batch, sampling),
    }
    if learning.algorithm == "policy_gradient":
        sizes["learning.evaluator_groups"] = (learning.evaluator_groups, training)
        sizes["learning.generator_groups"] = (learning.generator_groups, training)
    if config.by_paper:
        sizes["paper.sequences"] = (config.paper.sequences, training)
        sizes["paper.pairs"] = (config.paper.pairs, training)
    if warm.steps or not config.play:
        sizes["warm_start.evaluator_batch"] = (warm.evaluator_batch, training)
        sizes["warm_start.generator_batch"] = (warm.generator_batch, training)
    problems = [
        f"--config.{field}: expected a multiple of {batch_ways(mesh)}, the ways in which the mesh "
        f"splits a batch, got {size}; change it or --config.mesh"
        for field, (size, mesh) in sizes.items()
        if size % batch_ways(mesh)
    ]
    if problems:
        raise ConfigError(*problems)


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
