"""The photographs of the demo, and what stands out in them.

The pictures come with scikit-image and scikit-learn, so nothing is downloaded. What is ours is
``annotations.json``: outlines, boxes and short texts, drawn and written by looking at each picture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from jaxtyping import UInt8

from ..errors import ImageError, MissingExtraError

Ring = tuple[tuple[int, int], ...]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Polygon:
    """One closed outline, as pixels ``(x, y)`` that belong to the object, and the openings in it.

    Args:
        outline: the pixels on the border, in order; the last joins the first.
        holes: the same for each opening; these pixels are background.
    """

    outline: Ring
    holes: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Photograph:
    """One photograph and what stands out in it.

    Args:
        key: its name in the demo.
        package: the distribution that carries it, ``scikit-image`` or ``scikit-learn``.
        name: what that package calls it: a function of ``skimage.data``, or a file of
            ``sklearn.datasets.load_sample_image``.
        width_px: its width.
        height_px: its height.
        author: who made it.
        source: where it was published.
        licence: an SPDX identifier, or ``public domain``.
        category: what kind of thing stands out.
        text: a phrase for what stands out.
        box: ``(x0, y0, x1, y1)`` around the polygons, in pixels; ``x1`` and ``y1`` lie just outside.
        polygons: the object is their union.
    """

    key: str
    package: str
    name: str
    width_px: int
    height_px: int
    author: str
    source: str
    licence: str
    category: str
    text: str
    box: Box
    polygons: tuple[Polygon, ...]


def read_photographs() -> tuple[Photograph, ...]:
    """The photographs of the demo, by key, as ``annotations.json`` describes them.

    Example:
        >>> [photograph.key for photograph in read_photographs()][:3]
        ['astronaut', 'cameraman', 'cat']
    """
    document = json.loads(files(__package__).joinpath("annotations.json").read_text("utf-8"))
    return tuple(_photograph(entry) for entry in document["photographs"])


def load_pixels(photograph: Photograph) -> UInt8[np.ndarray, "h w 3"]:
    """The photograph in RGB; a grey one has three equal channels.

    Raises:
        MissingExtraError: the package that carries it is not installed.
        ImageError: that package holds no such picture, or another one than was annotated.
    """
    where = f"{photograph.package}: {photograph.name}"
    try:
        pixels = np.asarray(_READERS[photograph.package](photograph.name))
    except (AttributeError, ImportError, OSError, ValueError) as error:
        detail = f"this version of {photograph.package} does not carry it ({error}); install a newer one"
        raise ImageError(where, "missing", detail) from error
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, np.newaxis], 3, axis=2)
    _check_shape(where, pixels.shape, (photograph.height_px, photograph.width_px, 3))
    return np.ascontiguousarray(pixels)


def draw_mask(photograph: Photograph) -> UInt8[np.ndarray, "h w"]:
    """The ground truth: 255 on the object, border included, and 0 elsewhere."""
    import cv2

    mask = np.zeros((photograph.height_px, photograph.width_px), np.uint8)
    for polygon in photograph.polygons:  # one by one: together, overlaps would cancel out
        cv2.fillPoly(mask, [np.array(polygon.outline, np.int32)], 255)
    for polygon in photograph.polygons:
        for hole in polygon.holes:
            cv2.fillPoly(mask, [np.array(hole, np.int32)], 0)
    return mask


def _photograph(entry: Mapping[str, Any]) -> Photograph:
    polygons = tuple(
        Polygon(_ring(shape["outline"]), tuple(map(_ring, shape["holes"]))) for shape in entry["polygons"]
    )
    return Photograph(**{**entry, "box": tuple(entry["box"]), "polygons": polygons})


def _ring(points: list[list[int]]) -> Ring:
    return tuple((x, y) for x, y in points)


def _check_shape(where: str, found: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if found != expected:
        detail = f"its shape is {found}; the picture that was annotated has {expected}: update the package"
        raise ImageError(where, "other-picture", detail)


def _read_skimage(name: str) -> Any:
    try:
        from skimage import data
    except ImportError as error:
        raise MissingExtraError("scikit-image", "demo") from error
    return getattr(data, name)()


def _read_sklearn(name: str) -> Any:
    try:
        from sklearn.datasets import load_sample_image
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "demo") from error
    return load_sample_image(name)


_READERS = {"scikit-image": _read_skimage, "scikit-learn": _read_sklearn}
