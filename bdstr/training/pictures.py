"""The photographs that maps are wanted of: a file, a folder, a dataset."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import DatasetError, SourceError
from .columns import content, open_dataset, read_keys, undecoded
from .example import read_file

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph that was not read yet.

    Args:
        key: what its map is called, without extension; with slashes where it lies in folders.
        read: gives the file, or raises `SourceError`.
    """

    key: str
    read: Callable[[], bytes]


def find_pictures(what: str, split: str = "train") -> Sequence[Picture]:
    """The photographs of a file, of a folder and those in it, or of a dataset, sorted by key.

    Args:
        what: a path; what is none is a dataset on the Hub.
        split: of a dataset.

    Raises:
        SourceError: a folder holds no images.
        DatasetError: there is no such path, and no such dataset; or it has no images.
    """
    path = Path(what)
    if path.is_file():
        return [Picture(path.stem, partial(read_file, path))]
    if path.is_dir() and not _holds_parquet(path):
        return _of_folder(path)
    if not path.exists() and (path.is_absolute() or what.startswith((".", "~"))):
        raise SourceError(f"{what}: no such file or folder; expected photographs: check the path")
    return list(_of_dataset(what, split))


def _holds_parquet(folder: Path) -> bool:
    return any(folder.glob("*.parquet")) or any(folder.glob("data/*.parquet"))


def _of_folder(folder: Path) -> list[Picture]:
    files: dict[str, list[Path]] = {}
    for path in _walk(folder):
        if path.suffix.lower() in SUFFIXES:
            key = path.relative_to(folder).with_suffix("").as_posix()
            files.setdefault(unicodedata.normalize("NFC", key), []).append(path)
    if not files:
        raise SourceError(f"{folder}: holds no images; expected files of {', '.join(sorted(SUFFIXES))}")
    return [Picture(key, partial(_only, same)) for key, same in sorted(files.items())]


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder but hidden ones; links to folders are not followed, so none leads in a circle."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(where, name) for name in sorted(names) if not name.startswith("."))


def _only(same: Sequence[Path]) -> bytes:
    if len(same) > 1:
        names = " and ".join(path.name for path in same)
        raise SourceError(f"{names} have one name; expected one file a name, as their maps would be one")
    return read_file(same[0])


def _of_dataset(name: str, split: str) -> Iterator[Picture]:
    dataset = undecoded(open_dataset(name, split), name, ("image",))
    keys = read_keys(dataset, name, split, streaming=False)
    for position in sorted(range(len(keys)), key=keys.__getitem__):
        yield Picture(_safe(keys[position]), partial(_cell, dataset, position, keys[position]))


def _cell(dataset: Any, position: int, key: str) -> bytes:
    try:
        return content(dataset[position]["image"], f"{key}: image")
    except DatasetError as error:
        raise SourceError(str(error)) from error


def _safe(key: str) -> str:
    """A key becomes a path: one that led out of the folder would overwrite what is there.

    Raises:
        DatasetError: it does.
    """
    parts = PurePosixPath(key).parts
    if not parts or key.startswith("/") or ".." in parts or "\0" in key:
        raise DatasetError(f"the key {key!r} is no name for a file; expected a path below a folder")
    return key
