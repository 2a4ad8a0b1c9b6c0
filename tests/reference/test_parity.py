"""Claims about the families: what the reference answers, ours answers, whole and step by step.

The answers lie beside the models in ``goldens``; ``test_live.py`` asks the reference itself.
"""

from dataclasses import MISSING, fields, replace

import numpy as np
import pytest

from sinq_jax.models.spec import ModelSpec
from tests.reference.cases import CASES
from tests.reference.golden import GOLDENS, Golden, golden
from tests.reference.parity import CLOSE, cached_logits, full_logits, greedy_text

SHOWS = 1e-2
"""A hundred times what parity allows: an option that is left out is seen."""


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Golden:
    return golden(GOLDENS / request.param)


def test_logits_of_whole_texts_are_the_references(case: Golden) -> None:
    np.testing.assert_allclose(full_logits(case), case.logits, atol=CLOSE)


def test_logits_of_cached_steps_are_the_references(case: Golden) -> None:
    np.testing.assert_allclose(cached_logits(case), case.steps, atol=CLOSE)


def test_the_greedy_text_of_64_tokens_is_the_references(case: Golden) -> None:
    assert len(case.continuation) == 64
    assert len(set(case.continuation.tolist())) >= 15  # no circle of a few tokens
    assert greedy_text(case) == case.continuation.tolist()


def test_every_option_of_a_spec_is_asked_about() -> None:
    about_the_machine = {"dtype", "param_dtype", "unroll", "remat", "adapter_scale"}
    specs = [golden(GOLDENS / name).spec for name in CASES]
    for option in (field for field in fields(ModelSpec) if field.default is not MISSING):
        used = any(getattr(spec, option.name) != option.default for spec in specs)
        assert used or option.name in about_the_machine, option.name
    assert {spec.repeats for spec in specs} == {2, 4}
    assert any(spec.head_dim * spec.heads != spec.width for spec in specs)
    assert {spec.rope.kind for spec in specs if spec.rope} == {"linear", "llama3", "yarn"}


OTHERWISE = {
    "qwen2": {"qkv_bias": False, "rope_theta": 1e4, "embedding_scale": None},
    "qwen2-window": {"windows": (0, 9, 8), "tied": True},
    "qwen3-yarn": {"rope": None, "query_key_norm": False},
    "llama3": {"rope": None},
    "llama-bias-linear": {"rope": None, "output_bias": False},
    "gemma2": {
        "windows": (8, 0, 7, 0),
        "attention_softcap": None,
        "logit_softcap": None,
        "query_scale": None,
        "norm_offset": 0.0,
        "post_norms": False,
        "activation": "silu",
    },
    "gemma3": {"windows": (6, 6, 6, 6, 6, 0, 5), "rope": None, "local_rope_theta": None},
}
"""What the goldens would not be worth much without: each of these is seen in the logits."""


@pytest.mark.parametrize(
    ("name", "option"),
    [(name, option) for name, options in OTHERWISE.items() for option in options],
)
def test_a_model_with_one_option_changed_is_another_model(name: str, option: str) -> None:
    """Windows are off by one position in one layer."""
    whole = golden(GOLDENS / name)
    spec = replace(whole.spec, **{option: OTHERWISE[name][option]})
    assert spec != whole.spec
    apart = np.abs(full_logits(replace(whole, spec=spec)) - whole.logits).max()
    assert apart > SHOWS
