"""Small benchmarks on disk, and what a report says of them bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Num
from pairs import disc, like, noise
from PIL import Image

from sodeval.inputs.pairing import Pairing, pair
from sodeval.report import Report


def save(path: Path, pixels: Num[np.ndarray, "h w"]) -> Path:
    """An image, or an array where the name ends in ``.npy``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, pixels)
    else:
        Image.fromarray(pixels).save(path)
    return path


def write_benchmark(
    root: Path, images: int = 8, methods: Sequence[str] = ("A", "B"), shape: tuple[int, int] = (20, 26)
) -> Pairing:
    """Masks in ``gt``, and for each method a folder of 8-bit maps."""
    for i in range(images):
        mask = disc(shape, 5 + i % 9, 8 + i % 11, 3 + i % 5)
        save(root / "gt" / f"{i:04}.png", mask.astype(np.uint8) * np.uint8(255))
        for number, method in enumerate(methods):
            seed = 100 * number + i
            levels = like(mask, seed) if i % 3 else noise(shape, seed, 10, 240)
            save(root / method / f"{i:04}.png", levels)
    return read_benchmark(root, methods)


def read_benchmark(root: Path, methods: Sequence[str] = ("A", "B")) -> Pairing:
    return pair(root / "gt", {method: root / method for method in methods}, "tiny")


def bits_of(report: Report) -> dict[str, Any]:
    """Every number and remark of a report, such that equal means equal to the last bit."""
    return {
        f"{result.benchmark} {result.method}": {
            "images": (result.images, result.expected, result.gt_fingerprint),
            "scores": {name: np.float64(score).tobytes() for name, score in result.scores.items()},
            "problems": result.problems,
            "curves": {name: curve.tobytes() for name, curve in (result.curves or {}).items()},
            "per image": result.per_image
            and {
                "keys": result.per_image.keys,
                "counts": None if result.per_image.counts is None else result.per_image.counts.tobytes(),
                **{name: column.tobytes() for name, column in result.per_image.values.items()},
            },
        }
        for result in report.results
    }
