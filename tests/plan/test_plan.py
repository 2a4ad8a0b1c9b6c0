"""Claims: a plan compiles what a run would run, counts what loops hide, and says what is wrong."""

from dataclasses import replace

import pytest

from sinq_jax.config import Config, Mesh, Model, Players, Tokenizer
from sinq_jax.errors import SinqError
from sinq_jax.models.shapes import SHAPES
from sinq_jax.plan.chips import Chip
from sinq_jax.plan.costs import Cost, Memory, at_depth
from sinq_jax.plan.estimate import Estimate, train_flops
from sinq_jax.plan.job import plan
from sinq_jax.plan.topology import TopologyError, open_topology
from sinq_jax.plan.workload import workload_of
from tests.run.small import get_config


def shaped(shape: str, **changed: object) -> Config:
    model = Model(shape=shape, **changed)  # type: ignore[arg-type]
    return replace(Config(), model=model, tokenizer=Tokenizer(kind="checkpoint"))


def test_the_config_knows_every_published_shape() -> None:
    for shape in SHAPES:
        work = workload_of(shaped(shape, unroll=1))
        assert work.spec.layers == SHAPES[shape]["num_hidden_layers"]


@pytest.mark.parametrize(
    ("shape", "period"), [("qwen2.5-7b", 1), ("gemma2-9b", 2), ("gemma3-12b", 6)]
)
def test_the_kinds_of_layers_repeat_after_a_period(shape: str, period: int) -> None:
    assert workload_of(shaped(shape)).period == period


def test_the_cost_of_depth_is_a_line_through_one_and_two() -> None:
    one, two = Cost(3.0, 5.0, 0.1, {"all-gather": 7}), Cost(4.0, 8.0, 0.3, {"all-gather": 9})
    deep = at_depth(one, two, 10)
    assert (deep.flops, deep.bytes) == (12.0, 32.0)
    assert deep.seconds == pytest.approx(1.9)
    assert deep.sent == {"all-gather": 25}


def test_what_two_periods_need_less_of_does_not_shrink_to_nothing() -> None:
    one, two = Cost(3.0, 5.0, 0.1, {"all-gather": 9}), Cost(4.0, 4.0, -0.3, {"all-gather": 7})
    deep = at_depth(one, two, 10)
    assert (deep.flops, deep.bytes, deep.seconds, deep.sent) == (12.0, 5.0, 0.1, {"all-gather": 9})


def test_the_longest_ceiling_bounds_a_program() -> None:
    chip = Chip("chip", 10, 100.0, 10.0, 1.0)
    found = Estimate("step", Memory(4, 1, 2), False, Cost(200.0, 50.0, 0.0, {"all-reduce": 4}), 0.0)
    assert found.seconds(chip) == {"arithmetic": 2.0, "memory": 5.0, "links": 4.0}
    assert found.memory.peak == 7


def test_learning_a_token_takes_six_operations_a_weight_and_more_with_remat() -> None:
    """One row of one token: attention adds 12 x layers x heads x head_dim, nothing beside that."""
    config = shaped("qwen2.5-1.5b")
    work = workload_of(config)
    work = replace(work, lessons=(replace(work.lessons[0], rows=1, prompt=1, group=1, new=0),))
    assert train_flops(work) == pytest.approx(6 * 1.5437e9, rel=1e-3)
    again = replace(work, spec=replace(work.spec, remat=True))
    assert train_flops(again) == pytest.approx(train_flops(work) * 4 / 3)
    frozen = workload_of(replace(config, players=Players(adapter_rank=4)))
    frozen = replace(frozen, lessons=work.lessons)
    assert train_flops(frozen) == pytest.approx(train_flops(work) * 2 / 3)


def test_a_config_is_planned_for_the_devices_that_are_here(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan(get_config(), "")
    told = capsys.readouterr()
    assert told.out.startswith("small on 1 x cpu: 1 to learn, 1 to sample\n")
    for line in ("train step, at most", "sampler, generator, at most", "decode step, evaluator"):
        assert line in told.out
    assert "DOES NOT FIT" not in told.out


@pytest.mark.parametrize("text", ["v5p", "v9:2x2", "gpu:8", "v5e:4x4x4x4", "cpu:x"])
def test_a_topology_that_is_none_costs_one_line(text: str) -> None:
    with pytest.raises(
        TopologyError, match=r"^--topology: expected one of .*, got .*; leave it out"
    ):
        open_topology(text)


def test_a_mesh_that_does_not_fit_costs_one_line() -> None:
    with pytest.raises(SinqError, match=r"^config\.mesh: expected replica x data x fsdp x "):
        plan(replace(get_config(), mesh=Mesh(fsdp=3)), "")
