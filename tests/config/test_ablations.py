"""Every ablation is the tiny game with one idea changed, so that arms differ in nothing else."""

from pathlib import Path

import pytest

from configs import tiny
from sinq_jax.config.files import REPOSITORY, load
from sinq_jax.config.schema import flatten

CHANGED = {
    "hardest_target": {"selfplay.lowest_target", "selfplay.highest_target"},
    "mutation": {"selfplay.writer"},
    "no_target": {"selfplay.highest_target", "rewards.generator"},
    "opponents": {
        "league.every_rounds",
        "league.generator_share",
        "league.evaluator_share",
        "league.sampling",
    },
}


@pytest.mark.parametrize("name", CHANGED)
def test_an_ablation_changes_what_its_name_says_and_its_name(name: str) -> None:
    config = load(f"configs/ablations/{name}.py")
    config.check()
    before, after = flatten(tiny.get_config()), flatten(config)
    different = {field for field, value in after.items() if before[field] != value}
    assert different == {"name", *CHANGED[name]}
    assert config.name == name


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "configs" / "ablations").glob("*.py")), ids=lambda path: path.stem
)
def test_every_ablation_is_a_config_that_can_be_run(path: Path) -> None:
    config = load(str(path))
    config.check()
    assert config.name == path.stem
