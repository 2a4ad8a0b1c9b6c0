"""``python -m sinq_jax.datasets NAME --data-dir=DIR``: originals as a TFDS dataset."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sandbox.arguments import OneLineParser
from sinq_jax.datasets.builder import Wanted, prepare, prepared_before
from sinq_jax.datasets.checksum import checksum_line
from sinq_jax.datasets.errors import DatasetError
from sinq_jax.datasets.overlap import Overlap, overlaps, without
from sinq_jax.datasets.parts import Parts, parts_of
from sinq_jax.datasets.published import PUBLISHED
from sinq_jax.datasets.reading import read_dataset
from sinq_jax.errors import SinqError
from sinq_jax.programs.sources import load_programs

OWN = ("builtin", "jsonl", "folder")
DESCRIPTION = """Prepare originals as a TFDS dataset of array_record files, which is read without
tensorflow: mbpp and humaneval by download or from a path, checked against the published bytes; any
JSONL file of programs; a folder of .py files, each self-contained function of which is an original;
or the built-in family. A set that is there already is only shown. Play with it as
--config.programs.source=tfds --config.programs.path=FOLDER."""


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="python -m sinq_jax.datasets", description=DESCRIPTION)
    parser.add_argument("name", choices=[*PUBLISHED, *OWN], help="which set")
    parser.add_argument("--data-dir", metavar="DIR", required=True, help="where datasets go")
    parser.add_argument("--path", metavar="PATH", help="the file or folder; empty: download")
    parser.add_argument(
        "--against",
        metavar="FILE",
        nargs="+",
        default=[],
        help="benchmarks' JSONL files: what stands in one is not learned from",
    )
    sizes = parser.add_argument_group("the built-in family")
    for name, size in (("train", 3000), ("validation", 100), ("held-out", 1800), ("seed", 0)):
        sizes.add_argument(f"--{name}", type=int, default=size, metavar="N", help=f"({size})")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 2 a mistake in what was asked, 130 interrupted."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        _prepare(asked)
    except SinqError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _prepare(asked: argparse.Namespace) -> None:
    path = Path(asked.path) if asked.path else None
    if path is None and asked.name in ("jsonl", "folder"):
        raise DatasetError(f"--path: expected the {asked.name} to read, got none; name it")
    published = PUBLISHED.get(asked.name)
    found: list[Overlap] = []
    left_out: list[str] = []

    def read(path: Path | None) -> Parts:
        parts = published.read(path) if published and path else _own(asked)
        found.extend(overlaps(parts, map(Path, asked.against)))
        kept = without(parts, found)
        left_out.extend(f"{each.where}: {each.reason}" for each in kept.skipped)
        return kept

    name = asked.name if published or path is None else path.stem.lower().replace("-", "_")
    description = published.source if published else f"Programs from {path or 'the family'}."
    if published and path:
        print(checksum_line(path, published))
    wanted = Wanted(name, description, read, path, published)
    if prepared_before(wanted, Path(asked.data_dir)):
        print(f"{name} is there already; to make it anew, remove its folder first")
    folder = prepare(wanted, Path(asked.data_dir), quiet=not sys.stderr.isatty())
    _show(folder, found, left_out)


def _own(asked: argparse.Namespace) -> Parts:
    load = partial(load_programs, asked.name, asked.path or "", asked.seed)
    return parts_of(load(asked.train, asked.validation, asked.held_out))


def _show(folder: Path, found: Sequence[Overlap], left_out: Sequence[str]) -> None:
    """What was prepared, in numbers; and each thing that was left out."""
    for split, programs in read_dataset(folder).splits.items():
        shared = sum(each.split == split for each in found)
        told = f", {shared} of its programs stand in a benchmark too" if shared else ""
        print(f"{split:12s} {len(programs):6,} programs{told}")
    for line in left_out:
        print(f"left out: {line}")
    print(folder)


if __name__ == "__main__":
    sys.exit(main())
