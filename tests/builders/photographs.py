"""Photographs for tests: small, different, and with an object that stands out."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

SIZE = (48, 64)


@dataclass(frozen=True, order=True)
class Deadly:
    """An image over which whoever reads it dies, as over an error in a decoder."""

    name: str
    signal: int = signal.SIGSEGV

    def read_bytes(self) -> bytes:
        os.kill(os.getpid(), self.signal)
        raise AssertionError("still alive")


def scene(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A photograph of a bright block on dark blots and noise, and the block's mask.

    The blots make each another photograph to a perceptual hash; blocks alone look alike.
    """
    rng = np.random.default_rng(seed)
    photo = rng.integers(0, 50, (*SIZE, 3), np.uint8)
    mask = np.zeros(SIZE, np.uint8)
    top, left = rng.integers(6, 16, 2)
    mask[top : top + 22, left : left + 28] = 255
    blots = rng.integers(0, 100, (6, 8), np.uint8)
    photo += cv2.resize(blots, SIZE[::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    photo[mask > 0] = rng.integers(180, 255, (int((mask > 0).sum()), 3), np.uint8)
    return photo, mask


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def write_scenes(root: Path, count: int, folders: tuple[str, ...] = ("",)) -> None:
    """`count` photographs below ``root/images`` with masks of the same names below ``root/masks``."""
    for i in range(count):
        photo, mask = scene(i)
        folder = folders[i % len(folders)]
        save(root / "images" / folder / f"{i:03}.jpg", photo, quality=95)
        save(root / "masks" / folder / f"{i:03}.png", mask)
