"""Tables as TFDS datasets of array_record files, written and read without tensorflow.

Without it TFDS works one way: a ``GeneratorBasedBuilder`` with ``file_format="array_record"``, read
by ``as_data_source``. Rows keep their order.
"""

import contextlib
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds

from sinq_jax.datasets.info import OwnInfo
from sinq_jax.export.tables import Row, Table

VERSION = "1.0.0"


def write_datasets(folder: Path, tables: Iterable[Table]) -> dict[str, int]:
    """Write each table to ``folder/NAME/1.0.0``; return the numbers of rows by
    ``NAME/SPLIT``.

    Splits without rows are left out, and so are tables without splits: TFDS has no word for them.
    Read one with ``tfds.builder_from_directory(PATH).as_data_source(split=SPLIT)``.
    """
    written: dict[str, int] = {}
    tfds.disable_progress_bar()
    for table in tables:
        filled = [split for split, rows in table.splits.items() if any(True for _ in rows())]
        if not filled:
            continue
        builder = _builder(table, filled)(data_dir=folder, file_format="array_record")
        with tempfile.TemporaryDirectory() as unused, contextlib.redirect_stdout(io.StringIO()):
            builder.download_and_prepare(download_dir=unused)
        for split in filled:
            written[f"{table.name}/{split}"] = builder.info.splits[split].num_examples
    return written


def _builder(table: Table, filled: Sequence[str]) -> Any:
    """The class of a builder that writes these splits: TFDS names a dataset by its class."""

    class Builder(tfds.core.GeneratorBasedBuilder, skip_registration=True):  # type: ignore[misc, call-arg]
        name = table.name
        VERSION = tfds.core.Version(VERSION)

        def _info(self) -> Any:
            return OwnInfo(
                builder=self,
                description=table.description,
                features=tfds.features.FeaturesDict(dict(table.features)),
                disable_shuffling=True,
            )

        def _split_generators(self, dl_manager: Any) -> dict[str, Iterator[tuple[int, Row]]]:
            return {split: self._generate_examples(split) for split in filled}

        def _generate_examples(self, split: str) -> Iterator[tuple[int, Row]]:
            yield from enumerate(table.splits[split]())

    return Builder
