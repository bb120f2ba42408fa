"""A dataset as `datasets` gives it: the columns that are read, and the files in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import DatasetError
from ..loading import load_dataset
from .example import Row

COLUMNS = ("key", "image", "mask", "uncertain")
"""Those that are read; `key` and `uncertain` where there are any."""
ROWS_AT_ONCE = 64


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


def streamed_rows(dataset: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of a stream. Iterated over plainly, it would give each worker of a data loader other rows."""
    for some in dataset.iter(ROWS_AT_ONCE):
        for values in zip(*some.values(), strict=True):
            yield dict(zip(some, values, strict=True))
