"""The TFDS builder of sets of programs: downloads or reads, and writes array_record files.

Without tensorflow TFDS works one way: a ``GeneratorBasedBuilder`` with ``file_format=
"array_record"``, read by ``as_data_source``. Programs keep their order.
"""

import contextlib
import io
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds
from tensorflow_datasets.core.download.checksums import UrlInfo
from tensorflow_datasets.core.download.download_manager import NonMatchingChecksumError

from sinq_jax.datasets.errors import DatasetError
from sinq_jax.datasets.info import OwnInfo
from sinq_jax.datasets.parts import Parts
from sinq_jax.datasets.published import Published
from sinq_jax.programs.program import Program

VERSION = "1.0.0"
FEATURES = {
    **dict.fromkeys(("name", "source", "entry_point"), tfds.features.Text()),
    **dict.fromkeys(
        ("parameters", "kinds", "examples"), tfds.features.Sequence(tfds.features.Text())
    ),
}


@dataclass(frozen=True)
class Wanted:
    """What to prepare: a set by its name, and how its parts come from the file ``path``, which is
    None for a set that is made and not read. ``published`` says where to download it from when
    there is no path.
    """

    name: str
    description: str
    read: Callable[[Path | None], Parts]
    path: Path | None = None
    published: Published | None = None


def prepare(wanted: Wanted, data_dir: Path, quiet: bool = False) -> Path:
    """Return the folder of the set, prepared now or before; TFDS shows how far it is on stderr.

    Raises ``DatasetError`` for a download that fails or brings other bytes than the published
    ones, and what ``wanted.read`` raises.
    """
    if quiet:
        tfds.disable_progress_bar()
    # Each of its attempts would be a line of its own beside the error that comes of them.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    builder = _builder(wanted)(data_dir=data_dir, file_format="array_record")
    try:
        # TFDS prints what it does beside its progress bars, line by line.
        with contextlib.redirect_stdout(io.StringIO()):
            builder.download_and_prepare()
    except NonMatchingChecksumError as error:
        raise DatasetError(_refused(wanted, "other bytes")) from error
    except FileExistsError:
        # Another process has prepared the same set in the meantime.
        if not Path(builder.data_dir).is_dir():
            raise
    except (OSError, tfds.download.DownloadError) as error:
        raise DatasetError(_refused(wanted, _told(error))) from error
    return Path(builder.data_dir)


def prepared_before(wanted: Wanted, data_dir: Path) -> bool:
    """Whether the set is there, so that ``prepare`` would leave it as it is."""
    return (data_dir / wanted.name / VERSION / "dataset_info.json").exists()


def _told(error: Exception) -> str:
    if isinstance(error, OSError):  # of a failed connection too, whose text goes on and on
        return error.strerror or type(error).__name__
    return str(error).splitlines()[0]


def _refused(wanted: Wanted, got: str) -> str:
    place = wanted.published.url if wanted.published and wanted.path is None else wanted.path
    expected = wanted.published.sha256 if wanted.published else ""
    return (
        f"{place}: expected to read {wanted.name}{f' (sha256 {expected})' if expected else ''}, "
        f"got {got}; get the file by other means and name it with --path"
    )


def _builder(wanted: Wanted) -> Any:
    """The class of a builder for this set: TFDS names a dataset by its class."""
    published = wanted.published if wanted.path is None else None

    class Builder(tfds.core.GeneratorBasedBuilder, skip_registration=True):  # type: ignore[misc, call-arg]
        name = wanted.name
        VERSION = tfds.core.Version(VERSION)
        url_infos: Mapping[str, UrlInfo] = (
            {published.url: UrlInfo(published.size, published.sha256, published.file_name)}
            if published
            else {}
        )

        def _info(self) -> Any:
            return OwnInfo(
                builder=self,
                description=wanted.description,
                features=tfds.features.FeaturesDict(FEATURES),
                disable_shuffling=True,
            )

        def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
            path = Path(dl_manager.download(published.url)) if published else wanted.path
            splits = wanted.read(path).splits
            return {
                split: self._generate_examples(programs)
                for split, programs in splits.items()
                if programs  # TFDS has no word for a split without rows
            }

        def _generate_examples(
            self, programs: tuple[Program, ...]
        ) -> Iterator[tuple[int, dict[str, Any]]]:
            yield from enumerate(map(row_of, programs))

    return Builder


def row_of(program: Program) -> dict[str, Any]:
    """One row of the dataset; ``reading.program_of`` is the way back."""
    return {
        "name": program.name,
        "source": program.source,
        "entry_point": program.entry_point,
        "parameters": [each.name for each in program.parameters],
        "kinds": [each.kind for each in program.parameters],
        "examples": [*program.examples],
    }
