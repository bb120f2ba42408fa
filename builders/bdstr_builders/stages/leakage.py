"""No photograph on which methods are tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from bdstr.errors import RecipeError

from ..draft import Draft, Rejected, Run
from ..hash_list import find_list, read_hashes
from ..near import MOST
from ..phash import Hashes, distances, on_hashes


@dataclass(frozen=True, slots=True)
class Leakage:
    """Rejects what is in a benchmark: a model trained on it would have seen the test.

    DUTS-TR has none of ECSSD's photographs: of their 10.6 million pairs none is nearer than 8, and the one at
    8 is a golf ball and a monkey. The distance is larger than that of `check.duplicates`, since a photograph
    lost is cheaper than one let through; crops and mirrored copies are let through all the same.

    Args:
        against: names of lists that come with bdstr, or files .txt that `bdstr hashes` wrote.
        distance: in bits between the perceptual hashes; two that are so near are one photograph.
    """

    name: ClassVar[str] = "check.leakage"
    version: ClassVar[int] = 1
    against: tuple[str, ...] = ("ecssd",)
    distance: int = 6

    def __post_init__(self) -> None:
        if not 0 <= self.distance <= MOST:
            raise RecipeError(f"{self.name}: distance {self.distance}; expected 0 to {MOST} bits")
        for name in self.against:
            find_list(name)

    def build(self) -> Run:
        lists = [(Path(name).stem, read_hashes(find_list(name))) for name in sorted(self.against)]
        if not lists:
            return list
        names = [f"{key} of {name}" for name, hashes in lists for key in hashes]
        values = np.array([value for _, hashes in lists for value in hashes.values()], np.uint64)
        return on_hashes(self.name, lambda draft, value: self._check(draft, value, names, values))

    def _check(self, draft: Draft, value: int, names: Sequence[str], values: Hashes) -> Draft | Rejected:
        apart = distances(values, value)
        if not (apart <= self.distance).any():
            return draft
        nearest = int(np.argmin(apart))
        detail = f"{names[nearest]}: {apart[nearest]} of 64 bits differ; expected over {self.distance}"
        return Rejected(draft.item.key, self.name, "leakage", detail, draft.quality)
