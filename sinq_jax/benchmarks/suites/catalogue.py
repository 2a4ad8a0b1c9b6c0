"""The benchmarks by name. To add one: write its class, and a line here."""

from typing import Any

from sinq_jax.benchmarks.suites.asserted import MBPP, HumanEval, HumanEvalFix
from sinq_jax.benchmarks.suites.cruxeval import CruxEval
from sinq_jax.benchmarks.suites.evalplus import EvalPlus
from sinq_jax.benchmarks.suites.face import Generative, Likelihood
from sinq_jax.benchmarks.suites.identifier_swap import SwapChoice, SwapLikelihood
from sinq_jax.benchmarks.suites.security import DEFECT, PYSECDB
from sinq_jax.benchmarks.suites.sinq import Pairs
from sinq_jax.benchmarks.suites.yes_no import YesNo, YesNoLikelihood

AnyBenchmark = Generative[Any] | Likelihood[Any]

_ALL: tuple[AnyBenchmark, ...] = (
    Pairs("sinq", "program"),
    Pairs("sinq_edit", "edit"),
    SwapLikelihood("builtin_swap", "kept"),
    SwapLikelihood("builtin_swap_published", "evaluated"),
    SwapChoice("builtin_swap_direct", reasoning=False),
    SwapChoice("builtin_swap_reasoning", reasoning=True),
    YesNo("defect", DEFECT),
    YesNo("defect_majority", DEFECT, samples=9),
    YesNo("defect_reasoning", DEFECT, reasoning=True),
    YesNoLikelihood("defect_likelihood", DEFECT),
    YesNo("pysecdb", PYSECDB),
    YesNo("pysecdb_majority", PYSECDB, samples=9),
    YesNo("pysecdb_reasoning", PYSECDB, reasoning=True),
    YesNoLikelihood("pysecdb_likelihood", PYSECDB),
    HumanEval(),
    HumanEvalFix(),
    MBPP(),
    EvalPlus("humaneval_plus"),
    EvalPlus("mbpp_plus"),
    CruxEval("input"),
    CruxEval("output"),
    CruxEval("input", reasoning=True),
    CruxEval("output", reasoning=True),
)
BENCHMARKS: dict[str, AnyBenchmark] = {benchmark.name: benchmark for benchmark in _ALL}


def benchmark_named(name: str) -> AnyBenchmark:
    """The benchmark of this name. Raises ``ValueError``, one line, for another one."""
    if name not in BENCHMARKS:
        raise ValueError(
            f"benchmark: expected one of {', '.join(BENCHMARKS)}, got {name!r}; choose one"
        )
    return BENCHMARKS[name]
