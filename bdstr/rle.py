"""Masks as run lengths, the way COCO writes them: column by column, background first.

Lengths are a string of base-48 digits, each after the second less the one two before it. Encoding is
pycocotools'; decoding is done here, since its C code trusts what it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict

import numpy as np
from jaxtyping import Bool, Shaped

from .errors import RowError

MOST_PIXELS = 100_000_000
"""As many as a photograph may have."""
MOST_BITS = 35
"""Of one number: seven digits."""


class Rle(TypedDict):
    """A mask: ``size`` is height and width, ``counts`` the compressed lengths."""

    size: list[int]
    counts: str


def encode(mask: Shaped[np.ndarray, "h w"]) -> Rle:
    """The run lengths of a mask, which is True or non-zero on the object.

    Example:
        >>> encode(np.array([[0, 1], [0, 1]]))
        {'size': [2, 2], 'counts': '22'}
    """
    from pycocotools import mask as coco

    rle = coco.encode(np.asfortranarray(mask != 0, dtype=np.uint8))
    return {"size": [int(side) for side in rle["size"]], "counts": rle["counts"].decode("ascii")}


def decode(rle: Any) -> Bool[np.ndarray, "h w"]:
    """The mask of some run lengths; True on the object.

    Args:
        rle: an `Rle`, as a row holds it; whatever else it holds is refused.

    Raises:
        RowError: they are malformed, or do not fill the size.

    Example:
        >>> decode({"size": [2, 2], "counts": "22"}).tolist()
        [[False, True], [False, True]]
    """
    if not isinstance(rle, Mapping):
        raise RowError(f"run lengths that are {type(rle).__name__}; expected their size and counts")
    height, width = _sides(rle)
    counts = rle.get("counts")
    if not isinstance(counts, str):
        raise RowError(f"run lengths that are {type(counts).__name__}; expected compressed ones, a string")
    lengths = list(_lengths(counts))
    if any(length < 0 for length in lengths) or sum(lengths) != height * width:
        raise RowError(
            f"run lengths of {sum(lengths):,} pixels, {min(lengths, default=0)} the least; "
            f"expected {height} x {width}: the row is damaged"
        )
    colours = np.arange(len(lengths)) % 2 == 1
    return np.repeat(colours, lengths).reshape(width, height).T


def _sides(rle: Mapping[str, Any]) -> tuple[int, int]:
    size: object = rle.get("size")
    sides = list(size) if isinstance(size, Iterable) and not isinstance(size, str | bytes | Mapping) else []
    if len(sides) != 2 or not all(isinstance(side, int | np.integer) and side >= 1 for side in sides):
        raise RowError(f"run lengths of the size {size!r}; expected a height and a width, at least 1 each")
    height, width = map(int, sides)
    if height * width > MOST_PIXELS:  # before a few characters become as many bytes
        raise RowError(f"run lengths of {height} x {width} pixels; expected at most {MOST_PIXELS:,} in all")
    return height, width


def _lengths(counts: str) -> Iterator[int]:
    before = [0, 0]
    for i, number in enumerate(_numbers(counts)):
        length = number + (before[0] if i > 2 else 0)
        before = [before[1], length]
        yield length


def _numbers(counts: str) -> Iterator[int]:
    """Digits of five bits, lowest first; bit 5 says that more follow, bit 4 of the last is the sign."""
    value = shift = 0
    for character in counts:
        digit = ord(character) - 48
        if not 0 <= digit < 64:
            raise RowError(f"run lengths with the character {character!r}; expected '0' to 'o'")
        value |= (digit & 0x1F) << shift
        shift += 5
        if shift > MOST_BITS:
            raise RowError(
                "run lengths with a number of more than 7 digits; expected fewer: the row is damaged"
            )
        if digit & 0x20:
            continue
        yield value - (1 << shift) if digit & 0x10 else value
        value = shift = 0
    if shift:
        raise RowError("run lengths that end in the middle of a number: the row is damaged")
