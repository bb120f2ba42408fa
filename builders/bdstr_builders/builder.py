"""Folders as a `datasets` builder, for those who want no copy on the disk but a `Dataset` at once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets

from bdstr.schema import features

from .draft import Rejected
from .pipeline import Packing
from .sources import Item, Source, find_items

_log = logging.getLogger(__name__)


@dataclass
class FolderConfig(datasets.BuilderConfig):
    """Which folders.

    Args:
        images: of the photographs; folders of folders are classes.
        masks: of the masks, which have the photographs' names.
        source: where the photographs are from.
        licence: theirs, an SPDX identifier.
    """

    images: str = ""
    masks: str = ""
    source: str | None = None
    licence: str | None = None


class FolderBuilder(datasets.GeneratorBasedBuilder):
    """Photographs and masks as rows of BDS-TR; see `folder_dataset`.

    What cannot become a row is in `rejects` once rows were made, and is logged.
    """

    BUILDER_CONFIG_CLASS = FolderConfig

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.rejects: list[Rejected] = []
        super().__init__(*args, **kwargs)

    def _info(self) -> datasets.DatasetInfo:
        self._found = find_items(Path(self.config.images), Path(self.config.masks))
        return datasets.DatasetInfo(features=features(self._found.categories))

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        self.rejects = [Rejected(u.key, "source", u.reason, u.detail) for u in self._found.unusable]
        items = list(self._found.items)
        return [datasets.SplitGenerator(datasets.Split.TRAIN, gen_kwargs={"items": items})]

    def _generate_examples(self, items: list[Item]) -> Iterator[tuple[str, dict[str, Any]]]:
        work = Packing(self._found.categories, self.config.source, self.config.licence)
        for made in work.build()(items):
            if isinstance(made, Rejected):
                _log.warning("%s: %s: %s", made.key, made.reason, made.detail)
                self.rejects.append(made)
            else:
                yield made["key"], made


def folder_dataset(images: str | Path, masks: str | Path, **options: Any) -> datasets.Dataset:
    """Photographs and the masks of the same names as a dataset.

    Args:
        images: folder of the photographs.
        masks: folder of the masks.
        options: ``source``, ``licence``, ``cache_dir``; ``num_proc``: processes that read.

    Raises:
        SourceError: a folder cannot be used.

    Returns:
        The rows; made once and then read from the cache until a file's name, size or time changes.
    """
    processes = options.pop("num_proc", None)
    state = _state(find_items(Path(images), Path(masks)))
    builder = FolderBuilder(images=str(images), masks=str(masks), hash=state, **options)
    builder.download_and_prepare(num_proc=processes)
    dataset: datasets.Dataset = builder.as_dataset(split="train")
    return dataset


def _state(source: Source) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for item in source.items:
        for path in (item.image, item.mask):
            if path is not None and path.exists():
                stat = path.stat()
                digest.update(
                    f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode("utf-8", "surrogateescape")
                )
    return digest.hexdigest()
