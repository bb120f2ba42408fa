"""The masks of a dataset beside those that somebody has drawn."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Bool
from PIL import Image

from bdstr.errors import DatasetError, SourceError

from .decoding import RejectedError
from .folder import find_items
from .photo import read_mask
from .source import ImageFile

Mask = Bool[np.ndarray, "h w"]


def masks_of(dataset: Path) -> Iterator[tuple[str, Mask]]:
    """Key and mask of each row that has one, one after another: a dataset may be larger than memory.

    Raises:
        DatasetError: the folder holds no Parquet files.
    """
    import pyarrow.parquet as pq

    files = sorted(dataset.glob("data/*.parquet"))
    if not files:
        raise DatasetError(f"{dataset}: no data/*.parquet; expected what `bdstr generate` writes")
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(100, columns=["key", "mask"]):
            for row in batch.to_pylist():
                if row["mask"]:
                    yield (
                        row["key"],
                        np.asarray(Image.open(io.BytesIO(row["mask"]["bytes"])).convert("L")) > 0,
                    )


def read_drawn(folder: Path) -> dict[str, Callable[[], Mask]]:
    """Key -> what reads that mask, and raises a `SourceError` where it cannot be used."""
    return {item.key: partial(_read, item.image) for item in find_items(folder).items}


def _read(file: ImageFile) -> Mask:
    try:
        return read_mask(file) > 0
    except RejectedError as error:
        raise SourceError(f"{file}: {error}; nothing was scored: mend or remove it") from error
