"""Small pictures of one image: photograph, ground truth, saliency map, and all three in one."""

from __future__ import annotations

import base64
import io
import sys
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from ..errors import ImageError, InputError
from ..inputs.pairing import Pairing
from ..inputs.reading import decode, read_bytes
from ..levels import scale
from ..problem import Problem
from ..protocol import Protocol, Scaling

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
_PHOTO_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_HEAT = np.array([255.0, 96.0, 0.0])
_OUTLINE = (0, 220, 255)

Grey = UInt8[np.ndarray, "_ _"]
Colour = UInt8[np.ndarray, "_ _ 3"]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture as a ``data:`` address, or the reason why there is none."""

    address: str = ""
    width_px: int = 0
    height_px: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """The four pictures of one image.

    The overlay is the map in orange over the grey photograph, or the map itself where there is no
    photograph, with the outline of the ground truth.
    """

    photo: Thumbnail
    gt: Thumbnail
    saliency: Thumbnail
    overlay: Thumbnail


def find_photos(folder: Path | None, benchmark: str) -> dict[str, Path]:
    """Key -> photograph, from the benchmark's own folder within `folder` where there is one.

    Args:
        folder: where the photographs lie; None where they are not at hand.
        benchmark: its name.

    Raises:
        InputError: the folder cannot be read.
    """
    if folder is None:
        return {}
    own = folder / benchmark
    try:
        files = sorted((own if own.is_dir() else folder).iterdir(), reverse=True)  # a.jpg wins over a.png
    except OSError as error:
        raise InputError(
            f"{folder} cannot be read: {error.strerror}; expected a folder of photographs"
        ) from error
    return {unicodedata.normalize("NFC", f.stem): f for f in files if f.suffix.lower() in PHOTO_SUFFIXES}


def without_photos(folder: Path, pairing: Pairing) -> Problem | None:
    """What to say where none of a benchmark's images has its photograph in the folder.

    Raises:
        InputError: the folder cannot be read.
    """
    if find_photos(folder, pairing.benchmark).keys() & pairing.masks.keys():
        return None
    detail = f"no photograph has the name of a mask of {pairing.benchmark}: its gallery shows none"
    return Problem(str(folder), "no-photographs", detail, "note")


def make_thumbnails(
    photo: Path | None, mask: Path | None, saliency_map: Path | None, protocol: Protocol, side_px: int
) -> Thumbnails:
    """The four pictures of one image. What cannot be read is left out, with the reason.

    Args:
        photo: the photograph.
        mask: the ground truth.
        saliency_map: the map.
        protocol: how maps are scaled, so that they look as they were scored.
        side_px: the longest side that a picture may have.
    """
    gt = _read_grey(mask, protocol.gt_scaling, side_px)
    saliency = _read_grey(saliency_map, protocol.scaling, side_px)
    picture = _read_photo(photo, side_px)
    return Thumbnails(
        photo=_encode(picture),
        gt=_encode(gt),
        saliency=_encode(saliency),
        overlay=_encode(_overlay(picture, gt, saliency)),
    )


def _read_grey(path: Path | None, scaling: Scaling, side_px: int) -> Grey | str:
    if path is None:
        return "none found"
    try:
        # The file was scored, so its size was allowed.
        values = scale(decode(read_bytes(path), path, max_pixels=sys.maxsize).values, scaling)
    except ImageError as error:
        return f"{path.name}: {error.detail}"
    size = _fit(values.shape[::-1], side_px)
    return np.rint(cv2.resize(values, size, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)


def _read_photo(path: Path | None, side_px: int) -> Colour | str:
    if path is None:
        return "none found"
    try:
        file = io.BytesIO(read_bytes(path))
        with warnings.catch_warnings(), Image.open(file, formats=_PHOTO_FORMATS) as image:
            warnings.simplefilter("ignore")  # about metadata; pixels that cannot be read raise
            image.draft("RGB", (2 * side_px, 2 * side_px))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            return np.asarray(upright.resize(_fit(upright.size, side_px), Image.Resampling.BOX))
    except ImageError as error:
        return f"{path.name}: {error.detail}"
    except UnidentifiedImageError:
        return f"{path.name}: no image, whatever its name says; expected {', '.join(_PHOTO_FORMATS)}"
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        return f"{path.name}: cannot be read ({error})"


def _fit(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    ratio = min(1.0, side_px / max(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def _overlay(photo: Colour | str, gt: Grey | str, saliency: Grey | str) -> Colour | str:
    if isinstance(gt, str) or isinstance(saliency, str):
        return "needs ground truth and map"
    size = gt.shape[::-1]
    saliency = cv2.resize(saliency, size, interpolation=cv2.INTER_AREA)
    if isinstance(photo, str):
        return _outlined(cv2.cvtColor(saliency, cv2.COLOR_GRAY2RGB), gt)
    grey = cv2.cvtColor(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    weight = 0.75 * saliency[:, :, None] / 255
    return _outlined(((1 - weight) * 0.8 * grey[:, :, None] + weight * _HEAT).astype(np.uint8), gt)


def _outlined(picture: Colour, gt: Grey) -> Colour:
    outlines, _ = cv2.findContours((gt > 127).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, outlines, -1, _OUTLINE, thickness=2)
    return picture


def _encode(picture: Colour | Grey | str) -> Thumbnail:
    if isinstance(picture, str):
        return Thumbnail(reason=picture)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "webp", quality=70, method=4)
    height, width = picture.shape[:2]
    return Thumbnail("data:image/webp;base64," + base64.b64encode(file.getvalue()).decode(), width, height)
