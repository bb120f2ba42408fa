"""Which of many hashes are near to each other: exactly, without comparing every two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from .phash import Hashes

BITS = 64
MOST = 16
"""The largest distance that makes sense, in bits: of two different photographs about 32 differ."""
Numbers = Int64[np.ndarray, " pairs"]


@dataclass(frozen=True, slots=True)
class Near:
    """That a photograph is another once more.

    Args:
        kept: the number of the one that is kept.
        distance: between their hashes, in bits.
    """

    kept: int
    distance: int


def duplicates(hashes: Sequence[int], distance: int) -> dict[int, Near]:
    """Those that repeat one before them, and which.

    In their order, one is kept unless it lies within the distance of one that was kept. So no two that are
    kept are so near, and each that is not is near to the one it is said to repeat: groups that grow from
    neighbour to neighbour would not promise it.

    Args:
        hashes: in the order in which they are preferred.
        distance: within which two are one, 0..`MOST` bits.

    Returns:
        Number -> the first kept one that is so near, for all that are not kept.

    Example:
        >>> duplicates([0b0000, 0b0011, 0b1111, 0b0000], distance=2)
        {1: Near(kept=0, distance=2), 3: Near(kept=0, distance=0)}
    """
    values, first, which = np.unique(np.array(hashes, np.uint64), return_index=True, return_inverse=True)
    order = np.argsort(first)
    values, first = values[order], first[order]
    place = np.argsort(order)[which]  # of each hash among the different ones, in their order
    nearest = _keep_in_order(values, distance)
    found: dict[int, Near] = {}
    for number, at in enumerate(place.tolist()):
        kept, apart = nearest.get(at, (at, 0))
        if first[kept] != number:
            found[number] = Near(int(first[kept]), apart)
    return found


def _keep_in_order(values: Hashes, distance: int) -> dict[int, tuple[int, int]]:
    """Those of different hashes that are not kept -> the first kept one that is near, and how near."""
    dropped: dict[int, tuple[int, int]] = {}
    for one, other in sorted(near_pairs(values, distance)):
        if one not in dropped and other not in dropped:
            dropped[other] = one, int(values[one] ^ values[other]).bit_count()
    return dropped


def near_pairs(values: Hashes, distance: int) -> set[tuple[int, int]]:
    """All pairs of numbers, the smaller first, whose hashes differ in so many bits at most.

    Two hashes that differ in d bits are equal in one of d + 1 groups of bits (Manku, Jain and Das Sarma,
    WWW 2007): only those that share a group's bits are compared.
    """
    found: set[tuple[int, int]] = set()
    for band in range(distance + 1):
        # every so many bits: neighbours say much the same, so a group of them would divide little
        mask = sum(1 << bit for bit in range(band, BITS, distance + 1))
        for one, other in _within_buckets(values, values & np.uint64(mask)):
            near = np.bitwise_count(values[one] ^ values[other]) <= distance
            one, other = one[near], other[near]
            found.update(zip(np.minimum(one, other).tolist(), np.maximum(one, other).tolist(), strict=True))
    return found


def _within_buckets(values: Hashes, buckets: Hashes) -> Iterator[tuple[Numbers, Numbers]]:
    """All pairs that share a bucket, a step at a time: each with its next neighbour, then the one after."""
    order = np.argsort(buckets, kind="stable")
    sorted_ = buckets[order]
    left = np.arange(len(values))
    for step in range(1, len(values)):
        left = left[left + step < len(values)]
        left = left[sorted_[left] == sorted_[left + step]]
        if not left.size:
            return
        yield order[left], order[left + step]
