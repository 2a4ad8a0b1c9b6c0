"""``python -m sinq_jax.benchmarks.suites``: fetch data, ask, score, tabulate, without a model."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox import Sandbox, SandboxError
from sandbox.arguments import OneLineParser, hush
from sinq_jax.benchmarks.suites.canonical import canonical_records, failures
from sinq_jax.benchmarks.suites.catalogue import BENCHMARKS, AnyBenchmark, benchmark_named
from sinq_jax.benchmarks.suites.comparison import compare
from sinq_jax.benchmarks.suites.data_file import DataFileError, read_data_file
from sinq_jax.benchmarks.suites.exchange import questions, score, searched
from sinq_jax.benchmarks.suites.execution import LIMITS
from sinq_jax.benchmarks.suites.face import Generative
from sinq_jax.benchmarks.suites.figures import figures, reasons
from sinq_jax.benchmarks.suites.files import data_file
from sinq_jax.benchmarks.suites.harness import write_harness
from sinq_jax.benchmarks.suites.identifier_swap import broken, read_swaps
from sinq_jax.benchmarks.suites.records import RecordError, read_records, write_records
from sinq_jax.benchmarks.suites.sinq import write_pairs
from sinq_jax.benchmarks.suites.table import comparison_table, figures_table
from sinq_jax.errors import SinqError
from sinq_jax.programs.equivalents import make_equivalents
from sinq_jax.programs.pairs import make_pairs
from sinq_jax.programs.sources import load_programs

PROG = "python -m sinq_jax.benchmarks.suites"
INPUTS, SPARE = 64, 1.5
"""Inputs that pairs are tried on; pairs that are made for each one wanted, as some fail."""


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog=PROG, description=__doc__)
    jobs = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    jobs.add_parser("list", help="the benchmarks and their protocols")
    ask = jobs.add_parser("ask", help="write the questions of a benchmark, a line each")
    grade = jobs.add_parser("score", help="mark a file of answers and keep a record of each item")
    truth = jobs.add_parser(
        "canonical", help="score the published answers: programs, values, labels"
    )
    for job in (ask, grade, truth):
        job.add_argument("name", choices=[*BENCHMARKS], metavar="NAME", help="see list")
        job.add_argument("data", metavar="FILE", help="the benchmark's data, also gzipped")
    for job in (ask, truth):
        job.add_argument("--limit", type=int, metavar="N", help="the first N items only")
    ask.add_argument("--chat", action="store_true", help="for a model that chats")
    ask.add_argument("--samples", type=int, metavar="N", help="completions of each prompt")
    grade.add_argument("answers", metavar="ANSWERS", help="lines of JSON, one for each item")
    grade.add_argument("--out", required=True, metavar="RECORDS", help="where records are kept")
    grade.add_argument(
        "--training", nargs="+", default=[], metavar="FILE", help="texts the model has learned from"
    )
    table = jobs.add_parser("table", help="the figures of records, as Markdown")
    table.add_argument("records", nargs="+", metavar="RECORDS")
    paired = jobs.add_parser("compare", help="two models on the same items, as Markdown")
    paired.add_argument("before", metavar="BEFORE")
    paired.add_argument("after", metavar="AFTER")
    export = jobs.add_parser(
        "export", help="results as lm-evaluation-harness and EvalPlus read them"
    )
    export.add_argument("records", nargs="+", metavar="RECORDS")
    export.add_argument("--to", required=True, metavar="DIR", help="where the files go")
    export.add_argument("--model", required=True, metavar="NAME", help="whose results they are")
    fetch = jobs.add_parser("fetch", help="find the data of benchmarks in a folder, or download it")
    fetch.add_argument("names", nargs="+", choices=[*BENCHMARKS], metavar="NAME", help="see list")
    fetch.add_argument("--folder", required=True, metavar="DIR", help="where data files lie")
    pairs = jobs.add_parser("pairs", help="make the data of sinq from held-out programs")
    pairs.add_argument("--source", choices=("builtin", "jsonl", "folder"), default="builtin")
    pairs.add_argument("--path", default="", metavar="PATH", help="of a jsonl or folder source")
    pairs.add_argument("--different", type=int, default=400, metavar="N", help="default: 400")
    pairs.add_argument("--equivalent", type=int, default=400, metavar="N", help="default: 400")
    pairs.add_argument("--seed", type=int, default=0, metavar="SEED", help="default: 0")
    pairs.add_argument("--out", required=True, metavar="FILE", help="as in sinq.jsonl")
    swaps = jobs.add_parser("swaps", help="count the rows of a file of swaps that are no programs")
    swaps.add_argument("data", metavar="FILE")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 1 a canonical solution failed, 2 a mistake in what was asked,
    130 interrupted.
    """
    asked = _parser().parse_args(arguments)
    try:
        return _do(asked)
    except (SinqError, SandboxError) as error:
        print(f"{PROG}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the table has seen enough
        hush()
        return 0
    except KeyboardInterrupt:
        return 130


def _do(asked: argparse.Namespace) -> int:
    if asked.job == "list":
        for benchmark in BENCHMARKS.values():
            print(f"{benchmark.name} ({benchmark.measure}): {benchmark.protocol}")
    elif asked.job == "table":
        found = [record for path in asked.records for record in read_records(path)]
        print(figures_table(figures(found)).markdown())
        print("\n" + "\n".join(f"{name}: {reason}: {n:,}" for name, reason, n in reasons(found)))
    elif asked.job == "compare":
        pairs = compare(read_records(asked.before), read_records(asked.after))
        print(comparison_table(pairs).markdown())
    elif asked.job == "export":
        found = [record for path in asked.records for record in read_records(path)]
        for written in write_harness(Path(asked.to), found, asked.model):
            print(written)
    elif asked.job == "fetch":
        return _fetch(asked.names, Path(asked.folder))
    elif asked.job == "pairs":
        print(_pairs(asked))
    elif asked.job == "swaps":
        file = read_data_file(asked.data)
        published, kept = (broken(read_swaps(file, how)) for how in ("evaluated", "kept"))
        print(
            f"{len(file.rows):,} rows, SHA-256 {file.checksum}: {len(published)} are no programs "
            f"as published, {len(kept)} with their strings read raw"
        )
    else:
        return _with_data(asked, benchmark_named(asked.name))
    return 0


def _pairs(asked: argparse.Namespace) -> str:
    """Write pairs of the held-out programs of a source; return what they are, in words."""
    held_out = load_programs(asked.source, asked.path, asked.seed, 1, 0, 1800).held_out
    with Sandbox() as sandbox:
        different = make_pairs(
            sandbox, held_out, 8, INPUTS, asked.seed, limit=round(asked.different * SPARE)
        )[: asked.different]
        alike = make_equivalents(
            sandbox, held_out, round(asked.equivalent * SPARE), f"{asked.seed}/sinq", INPUTS
        ).pairs[: asked.equivalent]
    write_pairs(Path(asked.out), different, alike)
    return (
        f"{asked.out}: {len(different):,} different and {len(alike):,} equivalent pairs of "
        f"{len(held_out):,} held-out programs"
    )


def _fetch(names: Sequence[str], folder: Path) -> int:
    """Say where the data of each benchmark is; one that cannot be had does not hinder others."""
    status = 0
    for name in names:
        try:
            file = data_file(
                benchmark_named(name), folder, lambda line: print(line, file=sys.stderr)
            )
        except DataFileError as error:
            print(f"{PROG}: {error}", file=sys.stderr)
            status = 2
        else:
            print(f"{name}: {file.path}: {len(file.rows):,} records, SHA-256 {file.checksum}")
    return status


def _with_data(asked: argparse.Namespace, benchmark: AnyBenchmark) -> int:
    file = read_data_file(asked.data)
    print(f"{file.path}: {len(file.rows):,} records, SHA-256 {file.checksum}", file=sys.stderr)
    if asked.job == "ask":
        lines = questions(
            benchmark, file, chat=asked.chat, samples=asked.samples, limit=asked.limit
        )
        for line in lines:
            print(json.dumps(line))
        return 0
    with Sandbox(limits=LIMITS) as sandbox:
        if asked.job == "canonical":
            if not isinstance(benchmark, Generative):
                raise RecordError(f"{asked.name}: expected a generative benchmark; see list")
            records = canonical_records(benchmark, file, sandbox, asked.limit)
            failed = failures(records)
            print("\n".join([*failed, figures_table(figures(records)).markdown()]))
            return 1 if failed else 0
        records = score(benchmark, file, read_data_file(asked.answers), sandbox)
    if asked.training:
        records = searched(benchmark, file, records, asked.training)
    write_records(asked.out, records)
    print(figures_table(figures(records)).markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
