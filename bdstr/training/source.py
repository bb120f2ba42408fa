"""The rows of a dataset, stored or streamed, and which of them are held out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DatasetError
from ..loading import load_dataset
from .example import Row, read_example

COLUMNS = ("key", "image", "mask", "uncertain")
"""Those that are read; `key` and `uncertain` where there are any."""
LOOKED_AT = 32
"""Rows that are decoded before anything is trained."""

Handle = tuple[int, Mapping[str, Any] | None]
"""The position of a row, and the row itself where it is streamed."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The rows of a dataset.

    Args:
        name: of the dataset.
        dataset: of `datasets`, its images not decoded.
        keys: of all rows, by position.
        streaming: whether the dataset can only be passed through.
        held_out: positions that are not learned from.
    """

    name: str
    dataset: Any
    keys: Sequence[str]
    streaming: bool
    held_out: frozenset[int]

    @property
    def learned(self) -> int:
        """Rows that are learned from."""
        return len(self.keys) - len(self.held_out)

    def handles(self) -> Iterator[Handle]:
        """What `row` takes, of each row that is learned from, in the order of the dataset."""
        stream: Iterable[Any] = self.dataset if self.streaming else (None for _ in self.keys)
        return (each for each in enumerate(stream) if each[0] not in self.held_out)

    def row(self, handle: Handle) -> Row:
        """The row of a handle.

        Raises:
            DatasetError: its image or mask is not there.
        """
        position, streamed = handle
        return as_row(self.keys[position], self.dataset[position] if streamed is None else streamed)

    def held_out_rows(self) -> tuple[Row, ...]:
        """Those that are only measured on. Of a stream, this passes through all of it."""
        if not self.streaming:
            return tuple(self.row((position, None)) for position in sorted(self.held_out))
        stream = enumerate(self.dataset)
        return tuple(self.row(each) for each in stream if each[0] in self.held_out)


def open_source(name: str, split: str, held_out: int, streaming: bool = False) -> Source:
    """A dataset to learn from.

    Args:
        name: a folder or a name as for `bdstr.load_dataset`; or whatever else `datasets.load_dataset` takes
            that has the columns ``image`` and ``mask``.
        split: of the dataset.
        held_out: rows that are only measured on, chosen by the hashes of their keys.
        streaming: read while it is trained, without storing it.

    Raises:
        DatasetError: there is no such dataset or split; it has no masks, or only black ones, or a single row;
            or keys are there twice.
    """
    dataset = undecoded(open_dataset(name, split, streaming), name)
    keys = read_keys(dataset, name, split, streaming)
    if len(keys) < 2:
        raise DatasetError(
            f"{name}: {len(keys)} rows; expected two or more: one to learn from, one to measure on"
        )
    source = Source(name, dataset, keys, streaming, choose_held_out(keys, held_out))
    _refuse_unfit(source)
    return source


def open_dataset(name: str, split: str, streaming: bool = False, **options: Any) -> Any:
    """A split of a dataset, as `datasets` gives it.

    Raises:
        DatasetError: there is none.
    """
    import datasets

    folder = Path(name)
    ours = not folder.is_dir() or (folder / "README.md").exists()
    load = load_dataset if ours else datasets.load_dataset
    path = name if ours else str(folder.resolve())
    try:
        return load(path, split=split, streaming=streaming, **options)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DatasetError(
            f"{name}: its split {split!r} cannot be loaded ({reason}); expected a folder of Parquet files, "
            "or of images with metadata, or a dataset on the Hub"
        ) from error


def undecoded(dataset: Any, name: str, columns: Sequence[str] = ("image", "mask")) -> Any:
    """The dataset with the columns that are read, its images as their files.

    Raises:
        DatasetError: a column is missing.
    """
    import datasets

    features = dataset.features or dataset._resolve_features().features
    missing = [column for column in columns if column not in features]
    if missing:
        raise DatasetError(
            f"{name}: no column {' and '.join(missing)}, but {', '.join(features)}; expected image and mask: "
            "rename them, or make the masks first with `bdstr generate`"
        )
    dataset = dataset.select_columns([column for column in COLUMNS if column in features])
    for column in columns:
        if isinstance(features[column], datasets.Image):
            dataset = dataset.cast_column(column, datasets.Image(decode=False))
    return dataset


def read_keys(dataset: Any, name: str, split: str, streaming: bool) -> list[str]:
    """The keys of all rows; their numbers where the dataset has no keys.

    Raises:
        DatasetError: a key is there twice.
    """
    if not streaming:
        keys = list(dataset["key"]) if "key" in dataset.column_names else [None] * len(dataset)
    else:
        keys = list(_streamed_keys(dataset, name, split))
    if any(key is None for key in keys):
        return [f"{position:08}" for position in range(len(keys))]
    ((key, times),) = Counter(keys).most_common(1) if keys else ((None, 0),)
    if times > 1:
        raise DatasetError(f"{name}: the key {key!r} is there {times} times; expected each once")
    return [str(key) for key in keys]


def _streamed_keys(dataset: Any, name: str, split: str) -> Iterator[str | None]:
    features = dataset.features or dataset._resolve_features().features
    if "key" not in features:
        yield from (None for _ in dataset)
    elif dataset.info.builder_name == "parquet":  # reads one column, where the others are a thousand times it
        yield from (row["key"] for row in open_dataset(name, split, True, columns=["key"]))
    else:
        yield from (row["key"] for row in dataset.select_columns(["key"]))


def choose_held_out(keys: Sequence[str], wanted: int) -> frozenset[int]:
    """The positions of keys with the lowest hashes: the same rows whatever the order or the storage.

    Example:
        >>> choose_held_out(["a", "b", "c"], 500)
        frozenset({1})
    """
    count = min(wanted, max(1, len(keys) // 10))
    ranked = sorted(range(len(keys)), key=lambda position: (_hash(keys[position]), position))
    return frozenset(ranked[:count])


def _hash(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def as_row(key: str, columns: Mapping[str, Any]) -> Row:
    """A row as it is stored.

    Raises:
        DatasetError: its image or mask is not there.
    """
    image, mask = (content(columns[name], f"{key}: {name}") for name in ("image", "mask"))
    return Row(key, image, mask, columns.get("uncertain"))


def content(cell: Any, who: str) -> bytes:
    """The file that a cell holds, or names."""
    if isinstance(cell, bytes):
        return cell
    if not isinstance(cell, Mapping) or not (cell.get("bytes") or cell.get("path")):
        found = "nothing" if cell is None or isinstance(cell, Mapping) else type(cell).__name__
        raise DatasetError(f"{who} is {found}; expected an image as `datasets.Image` stores it")
    try:
        return cell["bytes"] or Path(cell["path"]).read_bytes()
    except OSError as error:
        raise DatasetError(f"{who}: {cell['path']} cannot be read: {error.strerror}") from error


def _refuse_unfit(source: Source) -> None:
    """Decodes a few rows: what is wrong with all of a dataset shows before hours were spent on it."""
    salient, wrong = 0, ""
    for handle, _ in zip(_spread(source), range(LOOKED_AT), strict=False):
        try:
            salient += bool(read_example(source.row(handle)).mask.any())
        except DatasetError as error:
            wrong = wrong or str(error)
    if not salient:
        what = wrong or "all masks that were looked at are black"
        raise DatasetError(f"{source.name}: {what}; expected masks that are 255 on what stands out")


def _spread(source: Source) -> Iterator[Handle]:
    if source.streaming:
        return source.handles()
    step = max(1, source.learned // LOOKED_AT)
    return (handle for number, handle in enumerate(source.handles()) if number % step == 0)
