"""Masks and maps to be scored: drawn ones of any size, and real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.rivals import Files
from sodeval.inputs.pairing import Pairing, pair

ECSSD = Path(__file__).parents[2] / "shared" / "data" / "ecssd"
METHODS = 8


@dataclass(frozen=True, slots=True)
class Maps:
    """Maps of one method, and of `METHODS`, for the same masks."""

    name: str
    one: Pairing
    many: Pairing

    @property
    def pairs(self) -> list[Files]:
        """Those of the one method."""
        (maps,) = self.one.maps.values()
        return [(str(self.one.masks[key]), str(path)) for key, path in maps.items()]

    @property
    def folders(self) -> tuple[Path, Path]:
        """Of the masks, and of the maps of the one method."""
        mask, saliency = self.pairs[0]
        return Path(mask).parent, Path(saliency).parent


def draw_pair(rng: np.random.Generator, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """An object of a few blobs, and a map that finds it with soft edges and some noise."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    mask = np.zeros((height, width), bool)
    for _ in range(3):
        cy, cx = rng.uniform(0.3, 0.7, 2) * (height, width)
        ry, rx = rng.uniform(0.08, 0.25, 2) * (height, width)
        mask |= ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), width / 60)
    noisy = soft + rng.normal(0, 0.01, mask.shape) * (soft > 0.02)
    return mask.astype(np.uint8) * 255, (np.clip(noisy, 0, 1) * 255).astype(np.uint8)


def draw_maps(root: Path, name: str, height: int, width: int, images: int) -> Maps:
    """Pairs of one size, with `METHODS` maps for each mask."""
    rng = np.random.default_rng(7)
    methods = [f"m{i}" for i in range(METHODS)]
    for folder in ("gt", *methods):
        (root / folder).mkdir(parents=True)
    for i in range(images):
        mask, saliency = draw_pair(rng, height, width)
        cv2.imwrite(str(root / "gt" / f"{i:04}.png"), mask)
        for shift, method in enumerate(methods):
            cv2.imwrite(str(root / method / f"{i:04}.png"), np.roll(saliency, 3 * shift, axis=1))
    return _maps(name, root / "gt", {method: root / method for method in methods})


def real_maps(images: int | None) -> Maps:
    """ECSSD's masks with the maps of CSNet; eight methods are the same maps eight times."""
    maps = ECSSD / "predictions" / "CSNet-L-x2"
    found = _maps("ECSSD", ECSSD / "gt", {f"m{i}": maps for i in range(METHODS)})
    return (
        found if images is None else Maps(found.name, _first(found.one, images), _first(found.many, images))
    )


def repeated(maps: Maps, root: Path, pairs: int) -> tuple[Path, Path]:
    """The same files under so many names, so that a run takes longer than its start."""
    for source, name in zip(maps.folders, ("gt", "maps"), strict=True):
        (root / name).mkdir(parents=True)
        images = sorted(source.iterdir())
        for number in range(pairs):
            (root / name / f"{number:05}.png").hardlink_to(images[number % len(images)])
    return root / "gt", root / "maps"


def _maps(name: str, gt: Path, maps: Mapping[str, Path]) -> Maps:
    first = dict(list(maps.items())[:1])
    return Maps(name, pair(gt, first, name), pair(gt, dict(maps), name))


def _first(pairing: Pairing, images: int) -> Pairing:
    keys = sorted(pairing.masks)[:images]
    maps = {method: {key: found[key] for key in keys} for method, found in pairing.maps.items()}
    return Pairing(pairing.benchmark, {key: pairing.masks[key] for key in keys}, maps, {})
