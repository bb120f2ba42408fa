"""Drafts for tests of stages: photographs of noise, each of another kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bdstr_builders.draft import Draft
from bdstr_builders.photo import Photo
from bdstr_builders.source import Item

SIZES = ((50, 70), (80, 60), (40, 90), (64, 64))


def draft(seed: int = 0, size: tuple[int, int] = (50, 70), **known: Any) -> Draft:
    rgb = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    rgb[size[0] // 4 : size[0] // 2, size[1] // 4 : size[1] // 2] = 255 - 40 * seed  # something to look at
    key = f"{seed:03}"
    return Draft(Item(key, Path(f"{key}.png")), Photo(b"", f"{key}.png", rgb), **known)
