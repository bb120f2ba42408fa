"""Saliency maps of many photographs, as PNGs of their sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor, nn

from sodeval.outputs.atomic import write_atomically

from ..errors import SourceError
from ..model.image_processing_dedecoder import DEDecoderImageProcessor
from .example import read_rgb
from .maps_folder import is_whole, map_file, png
from .pictures import Picture
from .saliency import pixel_values, saliency_maps
from .validation import batches

THREADS = 4
"""That read photographs and write maps while the network computes."""

T = TypeVar("T")
OnDone = Callable[[int], None]
OnWrong = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of photographs: their maps were written or there before, or they cannot be used."""

    written: int = 0
    there_before: int = 0
    wrong: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.written + other.written,
            self.there_before + other.there_before,
            self.wrong + other.wrong,
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A photograph whose map is to be made: small, whatever its size."""

    key: str
    values: Tensor
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Wrong:
    key: str
    reason: str


_Read = _Wanted | _Wrong | None
"""None where the map is there."""


def predict(
    pictures: Sequence[Picture],
    out: Path,
    network: nn.Module,
    processor: DEDecoderImageProcessor,
    batch: int,
    on_wrong: OnWrong,
    on_done: OnDone = lambda done: None,
) -> Counts:
    """Writes a map of each photograph; those that are there and whole are not made again.

    Args:
        pictures: whose maps are wanted.
        out: the folder of the maps, which are called ``KEY.png``.
        network: ready to answer.
        processor: of the network.
        batch: photographs at a time.
        on_wrong: is told the key of a photograph that cannot be used, and why.
        on_done: is told how many are done.
    """
    counts = Counts()
    with ThreadPoolExecutor(THREADS) as pool:
        read = partial(_read, out=out, processor=processor)
        for some in _in_batches(pool, read, pictures, batch):
            wanted = [one for one in some if isinstance(one, _Wanted)]
            wrong = [one for one in some if isinstance(one, _Wrong)]
            for one in wrong:
                on_wrong(one.key, one.reason)
            _write(wanted, out, network, processor, pool)
            counts += Counts(len(wanted), some.count(None), len(wrong))
            on_done(counts.written + counts.there_before + counts.wrong)
    return counts


def _in_batches(
    pool: ThreadPoolExecutor, read: Callable[[Picture], _Read], pictures: Sequence[Picture], size: int
) -> Iterator[list[_Read]]:
    """Photographs that were read, a batch ahead of the one that is asked for."""
    before: list[Future[_Read]] = []
    for some in batches(iter(pictures), size):
        futures = [pool.submit(read, picture) for picture in some]
        if before:
            yield [future.result() for future in before]
        before = futures
    if before:
        yield [future.result() for future in before]


def _read(picture: Picture, out: Path, processor: DEDecoderImageProcessor) -> _Read:
    try:
        data = picture.read()
        if is_whole(map_file(out, picture.key), data):
            return None
        rgb = read_rgb(data)
    except SourceError as error:
        return _Wrong(picture.key, str(error))
    height, width, _ = rgb.shape
    return _Wanted(picture.key, pixel_values(processor, rgb), (height, width))


def _write(
    wanted: Sequence[_Wanted],
    out: Path,
    network: nn.Module,
    processor: DEDecoderImageProcessor,
    pool: ThreadPoolExecutor,
) -> None:
    if not wanted:
        return
    inputs, sizes = [one.values for one in wanted], [one.size for one in wanted]
    files = [map_file(out, one.key) for one in wanted]
    for _ in pool.map(_write_map, files, saliency_maps(network, processor, inputs, sizes)):
        pass  # what went wrong in a thread is raised here


def _write_map(file: Path, levels: UInt8[np.ndarray, "h w"]) -> None:
    write_atomically(file, png(Image.fromarray(levels)))
