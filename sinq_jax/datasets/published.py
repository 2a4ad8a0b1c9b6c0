"""Sets of programs that others published: where they are, and which bytes they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sinq_jax.datasets.humaneval import read_humaneval
from sinq_jax.datasets.parts import Parts
from sinq_jax.programs.jsonl import read_mbpp


@dataclass(frozen=True)
class Published:
    """One published file: ``sha256`` and ``size`` (bytes) are those of its ``url``."""

    name: str
    url: str
    sha256: str
    size: int
    source: str
    read: Callable[[Path], Parts]

    @property
    def file_name(self) -> str:
        """What the file is called where it is published."""
        return self.url.rpartition("/")[2]


def _mbpp(path: Path) -> Parts:
    splits, skipped = read_mbpp(path)
    names = {"train": "train", "validation": "validation", "held_out": "test", "prompt": "prompt"}
    return Parts({names[name]: programs for name, programs in splits.items()}, skipped)


_ALL = (
    Published(
        name="mbpp",
        url="https://raw.githubusercontent.com/google-research/google-research/"
        "master/mbpp/mbpp.jsonl",
        sha256="ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f",
        size=563_743,
        source="Austin et al. 2021, arXiv 2108.07732; data under CC-BY-4.0",
        read=_mbpp,
    ),
    Published(
        name="humaneval",
        url="https://raw.githubusercontent.com/openai/human-eval/"
        "6d43fb980f9fee3c892a914eda09951f772ad10d/data/HumanEval.jsonl.gz",
        sha256="b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef",
        size=44_877,
        source="Chen et al. 2021, arXiv 2107.03374; MIT licence",
        read=read_humaneval,
    ),
)
PUBLISHED: Mapping[str, Published] = {each.name: each for each in _ALL}
