"""The perceptual hash of a photograph: 64 bits that stay nearly the same when it is saved or sized anew.

It is ``imagehash.phash``: 32 x 32 grey levels, their cosine transform, and for each of its 8 x 8 lowest
frequencies whether it is over the median. So half of the bits are set, and distances are nearly always even.

On 200 photographs of ECSSD the distance to a copy of half or a quarter of the size, of four times the size,
squeezed to a square, in grey, or as JPEG of quality 20 to 90 was 4 at most; to one a fifth brighter 6, to one
without 1 % at each side 8. Without 3 % at each side it is 6 in the middle and up to 14: crops are not found.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import UInt8, UInt64

from .decoding import RejectedError, read_bytes
from .draft import Draft, Rejected, Run
from .photo import read_small
from .source import ImageFile

ALGORITHM = "phash 8 x 8, version 1"
"""What lists of hashes say of theirs: hashes of two algorithms have no distance."""
LEAST_SIDE_PX = 128
"""To which a JPEG is decoded; at most 2 bits from what all of its pixels give."""

LEAST_BITS = 16
"""Set in a hash that tells a photograph: half of what is usual."""

Distances = UInt8[np.ndarray, " n"]
Hashes = UInt64[np.ndarray, " n"]


def hash_of(data: bytes) -> int:
    """The hash of a photograph's file, upright as its EXIF says.

    Raises:
        RejectedError: it cannot become a row: see `photo.read_photo`.
    """
    import imagehash

    return int(str(imagehash.phash(read_small(data, LEAST_SIDE_PX))), 16)


Check = Callable[[Draft, int], Draft | Rejected]
"""What a stage answers to a draft and its hash."""


def on_hashes(stage: str, check: Check) -> Run:
    """A stage at work that looks at hashes; each is computed by the first such stage."""
    return lambda drafts: [_on_hash(stage, check, draft) for draft in drafts]


def _on_hash(stage: str, check: Check, draft: Draft) -> Draft | Rejected:
    try:
        value = hash_of(draft.photo.data) if draft.phash is None else draft.phash
    except RejectedError as error:
        return Rejected(draft.item.key, stage, error.reason, error.detail)
    return check(draft.but(phash=value), value)


def hash_of_file(file: ImageFile) -> int | None:
    """The hash of a photograph; None where it cannot be read, for which a run gives it a reason."""
    try:
        return hash_of(read_bytes(file))
    except RejectedError:
        return None


def is_plain(value: int) -> bool:
    """Whether a hash tells nothing, as that of a picture of one colour or of an even ramp.

    Of a photograph half of the 64 frequencies are over the median, and so half of the bits are set, in all of
    ECSSD's 1,000. In a plain picture most frequencies are 0, as is their median: none of these is over it.

    Example:
        >>> is_plain(0x8000000000000000), is_plain(0xE1D1C3C70E3C783C)
        (True, False)
    """
    return value.bit_count() < LEAST_BITS


def distances(hashes: Hashes, one: int) -> Distances:
    """In how many of the 64 bits each differs from one.

    Example:
        >>> distances(np.array([0b1011, 0], np.uint64), 0b0001).tolist()
        [2, 1]
    """
    apart: Distances = np.bitwise_count(hashes ^ np.uint64(one))
    return apart
