"""What people have as a `datasets` builder: a `Dataset` at once, which `datasets` keeps in its cache."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import datasets
from datasets import Dataset, DatasetDict

from bdstr.errors import SourceError
from bdstr.schema import features

from .draft import Rejected
from .holdout import hold_out
from .inputs import find_photographs
from .pipeline import Packing
from .source import ImageFile, Item, Source
from .tables.cells import Cell
from .tables.columns import check_fields

_log = logging.getLogger(__name__)


@dataclass
class PhotographConfig(datasets.BuilderConfig):
    """Which photographs, whatever they lie in.

    Args:
        images: the folder or file.
        source: where photographs are from that do not say so themselves.
        licence: of those that have none of their own, best an SPDX identifier.
        class_names: a file of names for classes that are ids.
        validation: share that is held out; None for none.
        validation_seed: which.
    """

    images: str = ""
    source: str | None = None
    licence: str | None = None
    class_names: str | None = None
    validation: float | None = None
    validation_seed: int = 0

    def find(self) -> Source:
        """The photographs, what is held out at the end."""
        names = Path(self.class_names) if self.class_names else None
        found = find_photographs(Path(self.images), class_names=names, **self._where())
        return found if self.validation is None else hold_out(found, self.validation, self.validation_seed)

    def _where(self) -> dict[str, Any]:
        return {}


@dataclass
class FolderConfig(PhotographConfig):
    """Which folders; those in a folder of folders only are classes.

    Args:
        masks: folder of the masks, which have the photographs' names; None where there are none.
    """

    masks: str | None = None

    def _where(self) -> dict[str, Any]:
        return {"masks": Path(self.masks) if self.masks else None}


@dataclass
class TableConfig(PhotographConfig):
    """Which Parquet files and columns.

    Args:
        columns: field -> name of its column, e.g. ``{"mask": "gt"}``; an empty name for none.
        splits: of the files.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    splits: Sequence[str] = ()

    def _where(self) -> dict[str, Any]:
        return {"columns": check_fields(self.columns), "splits": self.splits}


class PhotographBuilder(datasets.GeneratorBasedBuilder):
    """Photographs, with their masks where they have some, as rows of BDS-TR.

    What cannot become a row is in `rejects` once rows were made, and is logged.
    """

    BUILDER_CONFIG_CLASS = PhotographConfig

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.rejects: list[Rejected] = []
        super().__init__(*args, **kwargs)

    def _info(self) -> datasets.DatasetInfo:
        self._found = self.config.find()
        return datasets.DatasetInfo(features=features(self._found.categories))

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        self.rejects = [Rejected(u.key, "source", u.reason, u.detail) for u in self._found.unusable]
        for note in self._found.notes:
            _log.info("%s", note)
        items, held = list(self._found.items), self._found.validation
        train = len(items) - (held.count if held else 0)
        parts = {datasets.Split.TRAIN: items[:train], datasets.Split.VALIDATION: items[train:]}
        return [
            datasets.SplitGenerator(name, gen_kwargs={"items": part}) for name, part in parts.items() if part
        ]

    def _generate_examples(self, items: list[Item]) -> Iterator[tuple[str, dict[str, Any]]]:
        found, config = self._found, self.config
        for made in Packing(found.categories, config.source, config.licence, found.masks).build()(items):
            if isinstance(made, Rejected):
                _log.warning("%s: %s: %s", made.key, made.reason, made.detail)
                self.rejects.append(made)
            else:
                yield made["key"], made


class FolderBuilder(PhotographBuilder):
    """Over folders; see `folder_dataset`."""

    BUILDER_CONFIG_CLASS = FolderConfig


class TableBuilder(PhotographBuilder):
    """Over Parquet files; see `parquet_dataset`."""

    BUILDER_CONFIG_CLASS = TableConfig


def folder_dataset(
    images: str | Path, masks: str | Path | None = None, **options: Any
) -> Dataset | DatasetDict:
    """Photographs, with the masks of the same names where there are some, as a dataset.

    Args:
        images: folder of the photographs.
        masks: folder of the masks; without one, rows have no mask.
        options: ``source``, ``licence``, ``class_names``, ``validation`` and ``validation_seed``: see
            `PhotographConfig`; ``cache_dir``; ``num_proc``: processes that read.

    Raises:
        SourceError: a folder cannot be used, or none of its photographs.

    Returns:
        The rows; with ``validation``, ``train`` and ``validation`` of them, where both have some. Made once
        and then read from the cache until a file's name, size or time changes.
    """
    return _dataset(FolderBuilder, images=str(images), masks=str(masks) if masks else None, **options)


def parquet_dataset(path: str | Path, **options: Any) -> Dataset | DatasetDict:
    """Photographs, and masks where there are some, of other Parquet files as a dataset.

    Args:
        path: a file, or a folder of some.
        options: as for `folder_dataset`; ``columns`` and ``splits``: see `TableConfig`.

    Raises:
        SourceError: a file cannot be used, or a column is not found.

    Returns:
        As `folder_dataset`.
    """
    return _dataset(TableBuilder, images=str(path), **options)


def _dataset(kind: type[PhotographBuilder], **options: Any) -> Any:
    runs = {name: options.pop(name) for name in ("cache_dir", "num_proc") if name in options}
    state = _state(kind.BUILDER_CONFIG_CLASS(**options).find())
    builder = kind(hash=state, cache_dir=runs.get("cache_dir"), **options)
    builder.download_and_prepare(num_proc=runs.get("num_proc"))
    # of a split without rows, `as_dataset` knows nothing but an error
    splits = [name for name, split in builder.info.splits.items() if split.num_examples]
    if not splits:
        raise SourceError(
            f"{options['images']}: no photograph could be used; expected one or more: `bdstr pack` says why "
            "each could not"
        )
    if options.get("validation") is None:
        return builder.as_dataset("train")
    return DatasetDict({name: builder.as_dataset(name) for name in splits})


def _state(source: Source) -> str:
    said = (
        (item.key, item.category, item.subcategory, item.source, item.licence, bool(item.mask))
        for item in source.items
    )
    files = dict.fromkeys(_file(image) for item in source.items for image in (item.image, item.mask) if image)
    stats = ((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists())
    digest = hashlib.blake2b(digest_size=8)
    for part in chain([source.categories], said, stats):
        digest.update(repr(part).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _file(image: ImageFile) -> Path:
    return image.file if isinstance(image, Cell) else Path(str(image))
