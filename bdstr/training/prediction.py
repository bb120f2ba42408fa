"""Saliency maps of many photographs, as PNGs of their sizes."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor, nn

from sodeval.outputs.atomic import write_atomically

from ..errors import RunError, SourceError
from ..model.image_processing_dedecoder import DEDecoderImageProcessor
from .example import read_rgb
from .pictures import Picture
from .saliency import pixel_values, saliency_maps
from .validation import batches

MANIFEST = ".prediction.json"
THREADS = 4
"""That read photographs and write maps while the network computes."""

T = TypeVar("T")
OnDone = Callable[[int, int], None]
OnWrong = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the photographs."""

    written: int
    there_before: int
    wrong: int


@dataclass(frozen=True, slots=True)
class _Ready:
    key: str
    values: Tensor | None
    size: tuple[int, int]
    wrong: str = ""


def predict(
    pictures: Sequence[Picture],
    out: Path,
    network: nn.Module,
    processor: DEDecoderImageProcessor,
    batch: int,
    on_wrong: OnWrong,
    on_done: OnDone = lambda done, total: None,
) -> Counts:
    """Writes a map of each photograph; those that are there and whole are not made again.

    Args:
        pictures: whose maps are wanted.
        out: the folder of the maps, which are called ``KEY.png``.
        network: ready to answer.
        processor: of the network.
        batch: photographs at a time.
        on_wrong: is told the key of a photograph that cannot be used, and why.
        on_done: is told how many of how many are done.
    """
    written = before = wrong = 0
    with ThreadPoolExecutor(THREADS) as pool:

        def ready(some: list[Picture]) -> list[Future[_Ready]]:
            return [pool.submit(_ready, picture, out, processor) for picture in some]

        for futures in _ahead(map(ready, batches(iter(pictures), batch))):
            some = [future.result() for future in futures]
            for one in some:
                if one.wrong:
                    on_wrong(one.key, one.wrong)
            wanted = [one for one in some if one.values is not None]
            _write(wanted, out, network, processor, pool)
            written += len(wanted)
            wrong += sum(bool(one.wrong) for one in some)
            before = before + len(some) - len(wanted) - sum(bool(one.wrong) for one in some)
            on_done(written + before + wrong, len(pictures))
    return Counts(written, before, wrong)


def _ahead(things: Iterator[T]) -> Iterator[T]:
    """The same things, each asked for before the one before it is used."""
    before: list[T] = []
    for thing in things:
        before.append(thing)
        if len(before) > 1:
            yield before.pop(0)
    yield from before


def _ready(picture: Picture, out: Path, processor: DEDecoderImageProcessor) -> _Ready:
    try:
        data = picture.read()
        rgb = None if (size := _done(out, picture.key, data)) else read_rgb(data)
    except SourceError as error:
        return _Ready(picture.key, None, (0, 0), str(error))
    if rgb is None:
        return _Ready(picture.key, None, size or (0, 0))
    return _Ready(picture.key, pixel_values(processor, rgb), rgb.shape[:2])


def _done(out: Path, key: str, data: bytes) -> tuple[int, int] | None:
    """The size of a map that is whole, and of this photograph; None where it is to be made."""
    file = map_file(out, key)
    with suppress(OSError, SyntaxError, ValueError), Image.open(file) as image:
        image.load()
        wanted = _upright_size(data)
        if image.mode == "L" and image.size == wanted:
            return image.height, image.width
    return None


def _upright_size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        lying = image.getexif().get(0x0112, 1) in range(5, 9)
    return (height, width) if lying else (width, height)


def _write(
    wanted: Sequence[_Ready],
    out: Path,
    network: nn.Module,
    processor: DEDecoderImageProcessor,
    pool: ThreadPoolExecutor,
) -> None:
    if not wanted:
        return
    inputs = [one.values for one in wanted if one.values is not None]
    maps = saliency_maps(network, processor, inputs, [one.size for one in wanted])
    files = [map_file(out, one.key) for one in wanted]
    for _ in pool.map(_write_map, files, maps):
        pass


def _write_map(file: Path, levels: UInt8[np.ndarray, "h w"]) -> None:
    write_atomically(file, png(Image.fromarray(levels)))


def png(image: Image.Image, **more: Any) -> bytes:
    """An image as a PNG."""
    memory = io.BytesIO()
    image.save(memory, "PNG", **more)
    return memory.getvalue()


def map_file(out: Path, key: str) -> Path:
    """Where the map of a photograph is."""
    return out / f"{key}.png"  # with_suffix would take a name's last dot for its extension


def open_maps(out: Path, network: nn.Module, processor: DEDecoderImageProcessor) -> None:
    """Starts a folder of maps, or goes on with those of the same network.

    Raises:
        RunError: it holds maps of another network, or something else.
    """
    file, ours = out / MANIFEST, {"network": fingerprint(network), "size": dict(processor.size)}
    if file.exists():
        if _read(file) != ours:
            raise RunError(f"{out} holds maps of another network; expected one: choose another --out")
    elif out.is_dir() and any(not path.name.startswith(".") for path in out.iterdir()):
        raise RunError(f"{out} is not empty and holds no maps of ours; choose another --out")
    else:
        write_atomically(file, json.dumps(ours, sort_keys=True) + "\n")


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError:
        return None


def fingerprint(network: nn.Module) -> str:
    """Of the weights, whatever file they came from."""
    digest = hashlib.sha256()
    for name, weight in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().to(torch.float32).contiguous().numpy().tobytes())
    return f"sha256:{digest.hexdigest()}"
