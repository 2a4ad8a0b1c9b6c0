"""Claims: what does not fit is refused with its numbers, and with a change that really fits."""

import subprocess
import sys
from dataclasses import replace

import pytest

from sinq_jax.config import Config, ConfigError, Learning, Mesh, Model, Rollout
from sinq_jax.config.files import REPOSITORY
from sinq_jax.plan import job
from sinq_jax.plan.changes import Change, to_learn, to_sample
from sinq_jax.plan.chips import Chip
from sinq_jax.plan.estimate import train_memory
from sinq_jax.plan.layout import Layout, laid_out
from sinq_jax.plan.memory import cache_bytes
from sinq_jax.plan.search import Search
from sinq_jax.plan.topology import open_topology
from tests.run.small import get_config


def wide() -> Config:
    """Its train step needs more than its samplers, for activations above all."""
    learning = Learning(
        evaluator_batch=16, generator_batch=16, evaluator_groups=16, generator_groups=16, updates=1
    )
    return replace(get_config(), learning=learning)


def layout_of(config: Config) -> Layout:
    return laid_out(config, open_topology(""))


def search_in(room: int) -> Search:
    return Search(room, layout_of, lambda _: None)


def test_a_config_that_does_not_fit_is_refused_with_the_nearest_change(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now, better = (
        layout.standing.peak(train_memory(layout.work, layout.training))
        for layout in map(layout_of, (wide(), cut(wide(), 2)))
    )
    assert better < now
    room = (now + better) // 2
    monkeypatch.setattr(job, "chip_of", lambda _: Chip("small chip", room, 1e12, 1e11, 1e10))
    with pytest.raises(job.DoesNotFitError) as refused:
        job.plan(wide(), "")
    told = capsys.readouterr().out
    assert "DOES NOT FIT" in told
    assert "train step: --config.learning.accumulation=2 (compiled)" in told
    refusal = str(refused.value)
    assert refusal.startswith("--job=plan: expected small to need at most ")
    assert refusal.endswith("nearest change that fits is --config.learning.accumulation=2")


def cut(config: Config, parts: int) -> Config:
    return replace(config, learning=replace(config.learning, accumulation=parts))


def test_what_cannot_fit_is_not_compiled() -> None:
    search = search_in(1000)
    assert search.nearest(wide(), {"train step": 2000}) is None
    assert {each.how for each in search.tried} == {"weights alone, not compiled"}
    assert search.lines()[0] == "tried, GiB of one device at most"


def test_meshes_that_the_weights_do_not_divide_by_are_passed_over() -> None:
    """Qwen2.5-1.5B has two key heads, which four devices cannot share. A process of its own has as
    many devices.
    """
    code = (
        "from configs.coder_1p5b import get_config; from sinq_jax.plan.search import Search;"
        "from sinq_jax.plan.layout import laid_out;"
        "from sinq_jax.plan.topology import open_topology;"
        "four = open_topology('cpu:4');"
        "search = Search(1000, lambda config: laid_out(config, four), print);"
        "print(search.nearest(get_config(), {'train step': 2000}));"
        "print(*(each.change for each in search.tried), sep=chr(10))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found, *tried = done.stdout.splitlines()
    assert found == "None"
    assert any("--config.mesh.fsdp=2 --config.mesh.tensor=2" in each for each in tried)
    assert not any("--config.mesh.tensor=4" in each for each in tried)


def test_no_change_is_tried_when_the_time_is_up() -> None:
    search = search_in(1000)
    search.began -= 10_000
    assert search.nearest(wide(), {"train step": 2000}) is None
    assert not search.tried


def test_changes_name_flags_and_keep_to_the_rules_of_the_config() -> None:
    change = Change({"model.remat": True}) + Change({"learning.accumulation": 2})
    assert str(change) == "--config.model.remat=True --config.learning.accumulation=2"
    changed = change.applied(wide())
    assert (changed.model.remat, changed.learning.accumulation) == (True, 2)
    with pytest.raises(ConfigError, match=r"multiple of learning\.accumulation"):
        Change({"learning.accumulation": 3}).applied(wide())


def test_layouts_are_tried_that_the_devices_can_be_laid_out_in() -> None:
    config = replace(wide(), mesh=Mesh(fsdp=2, tensor=2), rollout=Rollout(prompts_per_batch=6))
    tried = [change.settings for change in to_sample(config, devices=8)]
    assert tried == [
        {"rollout.fsdp": 2, "rollout.tensor": 4},
        {"rollout.fsdp": 4, "rollout.tensor": 2},
        {"rollout.prompts_per_batch": 3},
        {"model.dtype": "bfloat16"},
    ]
    names = [[*change.settings] for change in to_learn(config, devices=4)]
    assert names[:3] == [["learning.accumulation"]] * 2 + [["model.remat"]]
    assert not [each for each in names if "mesh.fsdp" in each]


def test_caches_have_a_slot_for_every_prompt_and_completion_token() -> None:
    """Keys and values of 2 layers, 1 head of 8 numbers of 4 bytes, for 3 x (16 + 4 x 8) tokens."""
    model = Model(layers=2, heads=2, kv_heads=1, head_dim=8)
    layout = layout_of(replace(get_config(), model=model))
    rollout = replace(layout.work.rollouts[0], rows=3, prompt=16, group=4, new=8)
    assert cache_bytes(layout.work, layout.sampling, rollout) == 2 * 2 * 8 * 4 * 3 * (16 + 4 * 8)
