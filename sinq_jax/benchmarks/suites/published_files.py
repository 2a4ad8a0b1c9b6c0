"""Where the data of the benchmarks is published, and which bytes it is."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sinq_jax.datasets.published import PUBLISHED

_RAW = "https://raw.githubusercontent.com"


@dataclass(frozen=True)
class PublishedFile:
    """The data file of some ``benchmarks``, which are named as in the catalogue.

    ``names`` are what it is called in a folder, plain; gzipped, ``.gz`` follows. A download gets
    the first one. ``shared_names`` are names that files of others have too: one so called is taken
    for it only if the bytes are the published ones. ``sha256`` and ``size`` (bytes) are of the
    uncompressed file, empty and 0 where none is published; of several ``urls`` the file is made by
    ``assemble``. ``instead`` says what to do where there are no ``urls``.
    """

    benchmarks: tuple[str, ...]
    names: tuple[str, ...]
    urls: tuple[str, ...]
    sha256: str
    size: int
    source: str
    licence: str
    shared_names: tuple[str, ...] = ()
    assemble: Callable[[Sequence[bytes]], bytes] | None = None
    instead: str = ""


def without_substitutes(parts: Sequence[bytes]) -> bytes:
    """CodeXGLUE's test split from files of its rows that have a field more.

    ``substitutes`` is what an attack put beside each row; what is left is in the upstream order of
    keys, the rows in that of their ``idx``. Raises ``ValueError`` for anything else.
    """
    rows = [json.loads(line) for part in parts for line in part.splitlines() if line.strip()]
    keys = ("project", "commit_id", "target", "func", "idx")
    try:
        kept = sorted(({key: row[key] for key in keys} for row in rows), key=lambda r: r["idx"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"rows without {', '.join(keys)}") from error
    return "".join(json.dumps(row) + "\n" for row in kept).encode()


_DEFECT = (
    f"{_RAW}/soarsmu/attack-pretrain-models-of-code/d42169557a3641628931c6eb00af6f4bd66b380a/"
    "CodeXGLUE/Defect-detection/preprocess/dataset"
)

FILES: tuple[PublishedFile, ...] = (
    PublishedFile(
        benchmarks=("sinq", "sinq_edit"),
        names=("sinq.jsonl",),
        urls=(),
        sha256="",
        size=0,
        source="made here, of originals that nobody learned from",
        licence="that of the originals",
        instead="make it with python -m sinq_jax.benchmarks.suites pairs, or name the --workdir "
        "of a run, which has one of its own held-out pairs",
    ),
    PublishedFile(
        benchmarks=(
            "builtin_swap",
            "builtin_swap_published",
            "builtin_swap_direct",
            "builtin_swap_reasoning",
        ),
        names=("python_builtins_swap.csv",),
        urls=(
            f"{_RAW}/Avmb/semantic_neq_game/8290602ea6e7fad87232453cb1436a3d65b0df62/"
            "inverse_scaling_prize_code_identifier_swap/cc_4_0_licensed/python_builtins_swap.csv",
        ),
        sha256="da621427b14f7f775a10b1ca6968472812a692330d6dc851ff72e18d137b714b",
        size=1_777_850,
        source="Miceli-Barone et al. 2023, arXiv 2305.15507",
        licence="CC-BY-4.0",
    ),
    PublishedFile(
        benchmarks=("defect", "defect_majority", "defect_reasoning", "defect_likelihood"),
        names=("codexglue_defect_test.jsonl",),
        # Upstream has the functions on a drive that needs a browser; these seven files hold the
        # rows of its test split.
        urls=tuple(f"{_DEFECT}/test_subs_{n}_{n + 400}.jsonl" for n in range(0, 2800, 400)),
        sha256="1cd9a42e802ee6ef699d4f591cc854aba36f2923f3821933a81753414683fecf",
        size=6_138_804,
        source="Zhou et al. 2019 (Devign) and Lu et al. 2021 (CodeXGLUE), arXiv 2102.04664",
        licence="C-UDA 1.0; the functions are FFmpeg's (LGPL, GPL) and QEMU's (GPL-2.0)",
        shared_names=("test.jsonl",),
        assemble=without_substitutes,
    ),
    PublishedFile(
        benchmarks=("pysecdb", "pysecdb_majority", "pysecdb_reasoning", "pysecdb_likelihood"),
        names=("pysecdb.jsonl", "pysecdb.json", "pysecdb.csv"),
        urls=(),
        sha256="",
        size=0,
        source="Sun et al. 2023, arXiv 2307.11853",
        licence="may not be passed on",
        instead="PySecDB may not be passed on: ask its authors for it "
        "(github.com/SunLab-GMU/PySecDB), and put your copy there",
    ),
    PublishedFile(
        benchmarks=("humaneval",),
        names=("HumanEval.jsonl",),
        urls=(PUBLISHED["humaneval"].url,),
        sha256="1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2",
        size=214_438,
        source="Chen et al. 2021, arXiv 2107.03374",
        licence="MIT",
    ),
    PublishedFile(
        benchmarks=("humanevalfix",),
        names=("humanevalpack.jsonl", "humanevalpack_python.jsonl"),
        urls=(
            f"{_RAW}/bigcode-project/octopack/e17a8f6470264286bc6a52eb8263582083bf3bf6/"
            "evaluation/create/humaneval-x/data/python/data/humanevalpack.jsonl",
        ),
        sha256="b1376d72be4bd016a62ad043d9de3846edb8d63edf1222da802a31330c14c3a7",
        size=537_907,
        source="Muennighoff et al. 2024, arXiv 2308.07124",
        licence="MIT",
    ),
    PublishedFile(
        benchmarks=("mbpp",),
        names=("mbpp.jsonl",),
        urls=(PUBLISHED["mbpp"].url,),
        sha256=PUBLISHED["mbpp"].sha256,
        size=PUBLISHED["mbpp"].size,
        source="Austin et al. 2021, arXiv 2108.07732",
        licence="CC-BY-4.0",
    ),
    PublishedFile(
        benchmarks=("humaneval_plus",),
        names=("HumanEvalPlus.jsonl",),
        urls=(
            f"{_RAW}/evalplus/humanevalplus_release/200defce9e3429d28ca215b6dd061c0f7f31c18b/"
            "HumanEvalPlus.jsonl.gz",
        ),
        sha256="42526ec0e7d5f3ee0b06d6ced98f8c8bae3d76519151bfb3d36f79010645bd7f",
        size=7_714_666,
        source="Liu et al. 2023, arXiv 2305.01210; v0.1.10",
        licence="Apache-2.0",
    ),
    PublishedFile(
        benchmarks=("mbpp_plus",),
        names=("MbppPlus.jsonl",),
        urls=(
            f"{_RAW}/evalplus/mbppplus_release/dadf43da556a00f7bacd71cb154f2932757d9144/"
            "MbppPlus.jsonl.gz",
        ),
        sha256="b54e762755248ca411b523c917fa9f93c07b5ff2966bf60b3917b853926a3dad",
        size=2_592_369,
        source="Liu et al. 2023, arXiv 2305.01210; v0.2.0",
        licence="Apache-2.0",
    ),
    PublishedFile(
        benchmarks=(
            "cruxeval_input",
            "cruxeval_output",
            "cruxeval_input_reasoning",
            "cruxeval_output_reasoning",
        ),
        names=("cruxeval.jsonl",),
        urls=(
            f"{_RAW}/facebookresearch/cruxeval/190faf16d175b5847b0af05d937872b1fb395942/"
            "data/cruxeval.jsonl",
        ),
        sha256="8368b81047dc5014e4caf5a2f97604eff7644e0ecd7415e3ceeb184bbc2e0c96",
        size=186_873,
        source="Gu et al. 2024, arXiv 2401.03065",
        licence="MIT",
    ),
)
