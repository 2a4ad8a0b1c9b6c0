"""What one round of a config asks of the devices, in numbers and without any data."""

from dataclasses import dataclass, replace
from typing import Any

from sinq_jax.batching import Shape
from sinq_jax.config import Config
from sinq_jax.learners import from_scratch, opened
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.models.lora import AdapterSpec
from sinq_jax.models.spec import ModelSpec


@dataclass(frozen=True)
class Rollout:
    """One player's part of a round: ``prompts`` in batches of ``rows``, ``group`` completions each,
    all as long as they may become.
    """

    name: str
    prompts: int
    rows: int
    prompt: int
    group: int
    new: int

    @property
    def batches(self) -> int:
        """How often the sampler runs."""
        return -(-self.prompts // self.rows)

    @property
    def tokens(self) -> int:
        """Tokens that are sampled at most."""
        return self.prompts * self.group * self.new


@dataclass(frozen=True)
class Workload:
    """One round: the rollouts, then ``updates`` steps on ``lessons``. ``adapter`` None: all weights
    learn. ``players`` is how many sets of what learns there are.
    """

    spec: ModelSpec
    adapter: AdapterSpec | None
    optimizer: Any
    players: int
    accumulation: int
    updates: int
    lessons: tuple[Shape, ...]
    rollouts: tuple[Rollout, Rollout]

    def shallow(self, layers: int) -> "Workload":
        """The same with so many layers and without loops over them."""
        windows = self.spec.windows[:layers]
        spec = replace(self.spec, layers=layers, unroll=layers, windows=windows)
        return replace(self, spec=spec)

    def one_micro_batch(self) -> "Workload":
        """The same with only the rows of one micro-batch in a lesson."""
        rows = (replace(shape, rows=shape.rows // self.accumulation) for shape in self.lessons)
        return replace(self, lessons=tuple(rows), accumulation=1)

    @property
    def period(self) -> int:
        """After how many layers their kinds repeat."""
        windows = self.spec.windows or (0,)
        return next(
            size
            for size in range(1, len(windows) + 1)
            if all(window == windows[i % size] for i, window in enumerate(windows))
        )


def workload_of(config: Config) -> Workload:
    """Raises what ``open_pretrained`` raises where ``model.path`` is no checkpoint."""
    play, rollout, learning = config.selfplay, config.rollout, config.learning
    players = config.players
    adapter = None
    if players.adapter_rank:
        adapter = AdapterSpec(players.adapter_rank, players.adapter_alpha, players.adapter_targets)
    spec = spec_of_config(config)
    written = play.originals * play.variants
    batch, prompt = rollout.prompts_per_batch, rollout.prompt_tokens
    return Workload(
        spec=replace(spec, adapter_scale=adapter.scale) if adapter else spec,
        adapter=adapter,
        optimizer=make_optimizer(
            learning.clip_norm, learning.weight_decay, learning.beta1, learning.beta2
        ),
        players=1 if players.shared else 2,
        accumulation=learning.accumulation,
        updates=learning.updates * (1 if players.shared else 2),
        lessons=_lessons(config),
        rollouts=(
            Rollout(
                "generator", play.originals, batch, prompt, play.variants, rollout.generator_tokens
            ),
            Rollout("evaluator", written, batch, prompt, play.answers, rollout.evaluator_tokens),
        ),
    )


def _lessons(config: Config) -> tuple[Shape, ...]:
    """The batches of one update of players that share their weights; of others, of the larger."""
    play, rollout, learning = config.selfplay, config.rollout, config.learning
    prompt, labels = rollout.prompt_tokens, config.warm_start.labels
    answers, variants = rollout.evaluator_tokens, rollout.generator_tokens
    evaluator = [Shape(learning.evaluator_batch, prompt, labels, answers)]
    generator = [Shape(learning.generator_batch, prompt, 1, variants)]
    if learning.algorithm == "policy_gradient":
        evaluator.append(Shape(learning.evaluator_groups, prompt, play.answers, answers))
        generator.append(Shape(learning.generator_groups, prompt, play.variants, variants))
    if config.players.shared:
        return (*evaluator, *generator)
    return tuple(generator if _positions(generator) > _positions(evaluator) else evaluator)


def _positions(shapes: list[Shape]) -> int:
    return sum(shape.rows * (shape.prompt + shape.group * shape.new) for shape in shapes)


def spec_of_config(config: Config) -> ModelSpec:
    """The shape that the config names or describes. From scratch its vocabulary is that of the
    largest tokenizer that may be learned.
    """
    pretrained = opened(config) if config.model.path else None
    return pretrained.spec if pretrained else from_scratch(config, config.tokenizer.vocab_size)
