"""What is changed about a picture before it is learned from: drawn from a seed, applied without chance.

The same draw moves photograph, mask and known pixels, so they stay aligned; it depends on the seed, the epoch
and the row's key alone, so a run that goes on after a stop sees the same pictures.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, UInt8
from PIL import Image

from .example import Example
from .settings import Settings

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""Of red, green and blue in brightness (ITU-R BT.601)."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What shall be changed.

    Args:
        flip: mirror left and right.
        box: what is kept, as shares of width, height, width, height: left, top, right, bottom.
        brightness: factor of all levels.
        contrast: factor of the distance to the mean grey.
        saturation: factor of the distance to each pixel's grey.
    """

    flip: bool = False
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0


def draw(settings: Settings, epoch: int, key: str) -> Draw:
    """The changes of a row in an epoch.

    Example:
        >>> draw(Settings(), 0, "cat") == draw(Settings(), 0, "cat") != draw(Settings(), 1, "cat")
        True
    """
    random = generator(settings.seed, epoch, key)
    flip = bool(random.random() < 0.5) and settings.flip
    left, top, right, bottom = random.random(4) * settings.crop
    brightness, contrast, saturation = 1 + settings.colour * random.uniform(-1, 1, 3)
    box = (float(left), float(top), float(1 - right), float(1 - bottom))
    return Draw(flip, box, float(brightness), float(contrast), float(saturation))


def draw_side(settings: Settings, batch: int, share: float) -> int:
    """The side of the pictures of a batch, in px.

    Args:
        settings: of the run.
        batch: its number.
        share: of the run that is over, 0 to 1.

    Example:
        >>> growing = Settings(size_px=64, scales=(0.5, 1.0), scale_order="growing")
        >>> draw_side(growing, 3, 0.49), draw_side(growing, 4, 0.5)
        (32, 64)
    """
    sides = settings.sides_px()
    if settings.scale_order == "growing":
        return sides[min(int(share * len(sides)), len(sides) - 1)]
    return sides[int(generator(settings.seed, batch, "side").integers(len(sides)))]


def generator(seed: int, number: int, name: str) -> np.random.Generator:
    """Random numbers that depend on these three alone."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.random.default_rng((seed, number, int.from_bytes(digest, "big")))


def augmented(example: Example, drawn: Draw, side_px: int) -> Example:
    """The example as it is learned from: a square of that side."""
    rgb = coloured(_square(example.rgb, drawn, side_px), drawn)
    mask = _square(example.mask, drawn, side_px)
    return Example(example.key, rgb, mask, _square_known(example.known, drawn, side_px))


def _square_known(
    known: Bool[np.ndarray, "h w"], drawn: Draw, side_px: int
) -> Bool[np.ndarray, "side_px side_px"]:
    if known.all():  # nearly always, and a fifth of the time
        return np.ones((side_px, side_px), bool)
    levels = known.astype(np.uint8) * np.uint8(255)
    return np.asarray(_square(levels, drawn, side_px) == 255)  # a mixed pixel is not known


def _square(
    pixels: UInt8[np.ndarray, "h w *c"], drawn: Draw, side_px: int
) -> UInt8[np.ndarray, "side_px side_px *c"]:
    """Cut, scaled as the image processor does, mirrored."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = drawn.box
    box = (left * width, top * height, right * width, bottom * height)
    image = Image.fromarray(pixels).resize((side_px, side_px), Image.Resampling.BILINEAR, box)
    square = np.asarray(image)
    return square[:, ::-1] if drawn.flip else square


def coloured(rgb: UInt8[np.ndarray, "h w 3"], drawn: Draw) -> UInt8[np.ndarray, "h w 3"]:
    """Brightness, contrast and saturation, in this order.

    Example:
        >>> coloured(np.full((1, 1, 3), 100, np.uint8), Draw(brightness=1.5)).tolist()
        [[[150, 150, 150]]]
    """
    if (drawn.brightness, drawn.contrast, drawn.saturation) == (1, 1, 1):
        return rgb
    levels: Float32[np.ndarray, "h w 3"] = rgb * np.float32(drawn.brightness)
    grey = levels @ GREY  # h w
    # contrast: m + c (x - m); saturation: g + s (x - g) on what that gives. Both at once, a pass less.
    mean, contrast, saturation = grey.mean(), np.float32(drawn.contrast), np.float32(drawn.saturation)
    levels *= contrast * saturation
    levels += (contrast * (1 - saturation) * grey + (1 - contrast) * mean)[..., None]
    return np.clip(levels + np.float32(0.5), 0, 255).astype(np.uint8)
