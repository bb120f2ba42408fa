"""No photograph twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bdstr.errors import RecipeError

from ..draft import Around, Draft, Rejected, Run
from ..hash_list import Hashed, read_parts
from ..near import MOST, duplicates
from ..phash import Hashes, distances, is_plain, on_hashes


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Rejects what repeats a photograph that comes before it by key.

    Which one is kept follows from the whole set, not from a shard: a run hashes all photographs before it
    makes a row. What cannot be read then is not compared, nor is a picture so plain that its hash tells
    nothing; see `phash.is_plain`. Where another stage rejects the one that is kept, those that repeat it have
    no row either, since no stage has seen a photograph when they are compared: the detail names the one that
    is kept, and without it in the folder the next one is. A photograph that is no longer the one that was
    hashed is rejected as ``changed``.

    Each process holds every hash with its key, since any may be asked for: 168 bytes a photograph with keys
    of 28 letters, and 271 while they are compared, as measured on 200,000.

    Of the 66.7 million pairs of ECSSD and DUTS-TR, 20 have a distance of 4 or less, all of them 0: the same
    photograph. The next are three at 6: a brighter copy, one flower taken twice, and a milk churn beside a
    remote control; from 8 on they are different objects. Copies of another size or quality are at 4 at most.

    Args:
        distance: in bits between the perceptual hashes; two that are so near are one photograph.
    """

    name: ClassVar[str] = "check.duplicates"
    version: ClassVar[int] = 2
    distance: int = 4

    def __post_init__(self) -> None:
        if not 0 <= self.distance <= MOST:
            raise RecipeError(f"{self.name}: distance {self.distance}; expected 0 to {MOST} bits")

    def build(self) -> Run:
        return self.build_in(Around())

    def build_in(self, around: Around) -> Run:
        if around.hashes is None:
            raise RecipeError(f"{self.name}: no hashes of the photographs; expected a run, which makes them")
        compared = Compared.of(read_parts(around.hashes), self.distance)
        return on_hashes(self.name, lambda draft, value: self._check(draft, value, compared))

    def _check(self, draft: Draft, value: int, compared: Compared) -> Draft | Rejected:
        key = draft.item.key
        before = compared.hashes.get(key)
        if before is not None and before != value:
            detail = (
                "not the photograph that was compared with the others; expected it as it was when the run "
                "began: put it back, or choose another --out"
            )
            return Rejected(key, self.name, "changed", detail)
        found = compared.repeats(key, value)
        if found is None:
            return draft
        kept, distance = found
        detail = f"{kept} once more: {distance} of 64 bits differ; expected over {self.distance}"
        return Rejected(key, self.name, "duplicate", detail, draft.quality)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """All photographs of a set, compared.

    Args:
        hashes: key -> hash.
        keys: of the photographs that are kept, but for plain ones, which nothing repeats.
        values: their hashes.
        repeated: key of each of the others -> the key it repeats, and the distance in bits.
        distance: within which two are one.
    """

    hashes: Hashed
    keys: Sequence[str]
    values: Hashes
    repeated: Mapping[str, tuple[str, int]]
    distance: int

    @classmethod
    def of(cls, hashes: Hashed, distance: int) -> Compared:
        # sorted: lists come in the order of shards, in which those held out are last
        keys = sorted(key for key, value in hashes.items() if not is_plain(value))
        values = [hashes[key] for key in keys]
        found = duplicates(values, distance)
        kept = [number for number in range(len(keys)) if number not in found]
        return cls(
            hashes,
            [keys[number] for number in kept],
            np.array([values[number] for number in kept], np.uint64),
            {keys[number]: (keys[near.kept], near.distance) for number, near in found.items()},
            distance,
        )

    def repeats(self, key: str, value: int) -> tuple[str, int] | None:
        """What a photograph repeats, and how nearly.

        One that could not be read when the others were compared keeps none of them out: it is compared now.
        """
        if key in self.hashes:
            return self.repeated.get(key)
        if is_plain(value):
            return None
        apart = distances(self.values, value)
        near = np.flatnonzero(apart <= self.distance)
        return (self.keys[near[0]], int(apart[near[0]])) if near.size else None
