"""A benchmark of four images, and how the command is called on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Run = Callable[..., tuple[int, str, str]]
KEYS = ("0001", "0002", "0003", "0004")
HOSTILE = "<script>alert('1')</script> & $x_1%"


def save(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def mask(seed: int = 0) -> np.ndarray:
    pixels = np.zeros((24, 32), np.uint8)
    pixels[4 + seed : 16 + seed, 6:20] = 255
    return pixels


def saliency(seed: int, noise: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(mask(seed) * 0.7 + rng.integers(0, noise, (24, 32)), 0, 255).astype(np.uint8)


def both(data: Path) -> tuple[str, ...]:
    return ("--gt", str(data / "gt"), "--pred", str(data / "good"), "--pred", f"B={data / 'noisy'}")


def scores_of(out: str) -> dict[str, dict[str, float]]:
    return {result["method"]: result["scores"] for result in json.loads(out)["results"]}
