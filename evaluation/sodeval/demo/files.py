"""The demo as folders, laid out as a user's own benchmark would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from ..outputs.atomic import write_atomically
from .photographs import Photograph, draw_mask, load_pixels, read_photographs
from .saliency import METHODS


@dataclass(frozen=True, slots=True)
class DemoFolders:
    """Where the demo lies; every folder holds one 8-bit PNG a photograph, named by its key.

    Args:
        photos: the photographs, RGB.
        gt: the masks, 0 or 255.
        maps: method -> its saliency maps, 0 to 255.
    """

    photos: Path
    gt: Path
    maps: Mapping[str, Path]


def write_demo(root: Path, on_photograph: Callable[[str, int, int], None] | None = None) -> DemoFolders:
    """Writes the photographs, their masks and each method's maps below ``root``.

    Args:
        root: the folder; made where there is none. Files of the same names are replaced.
        on_photograph: called before each photograph with its key, how many are done, and how many there are.

    Raises:
        MissingExtraError: scikit-image or scikit-learn is not installed.
        ImageError: an installed package holds no such picture, or another one than was annotated.
        OutputError: a file cannot be written.
    """
    folders = DemoFolders(root / "photos", root / "gt", {name: root / "maps" / name for name in METHODS})
    photographs = read_photographs()
    for done, photograph in enumerate(photographs):
        if on_photograph:
            on_photograph(photograph.key, done, len(photographs))
        _write_photograph(photograph, folders)
    return folders


def _write_photograph(photograph: Photograph, folders: DemoFolders) -> None:
    pixels = load_pixels(photograph)
    file = f"{photograph.key}.png"
    write_atomically(folders.photos / file, _png(pixels[:, :, ::-1]))  # OpenCV writes BGR
    write_atomically(folders.gt / file, _png(draw_mask(photograph)))
    for name, method in METHODS.items():
        write_atomically(folders.maps[name] / file, _png(method(pixels)))


def _png(pixels: UInt8[np.ndarray, "h w *channels"]) -> bytes:
    import cv2

    return cv2.imencode(".png", pixels)[1].tobytes()
