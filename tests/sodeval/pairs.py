"""Pairs of a map and a mask that find mistakes: ordinary ones, and those on which evaluators differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from jaxtyping import Bool, UInt8

Levels = UInt8[np.ndarray, "h w"]
Mask = Bool[np.ndarray, "h w"]


@dataclass(frozen=True)
class Pair:
    """A map and its mask; ``str`` is the name of the test."""

    name: str
    levels: Levels
    mask: Mask

    def __str__(self) -> str:
        return self.name


# --- ordinary -------------------------------------------------------------------------------------


def noise(shape: tuple[int, int], seed: int = 0, low: int = 0, high: int = 255) -> Levels:
    return np.random.default_rng(seed).integers(low, high, shape, dtype=np.uint8, endpoint=True)


def disc(shape: tuple[int, int], y: float, x: float, radius: float) -> Mask:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return (rows - y) ** 2 + (columns - x) ** 2 <= radius**2


def block(shape: tuple[int, int], top: int, left: int, bottom: int, right: int) -> Mask:
    mask = np.zeros(shape, bool)
    mask[top:bottom, left:right] = True
    return mask


def smooth(shape: tuple[int, int], seed: int, low: int = 0, high: int = 255) -> Levels:
    """Soft blobs, as networks draw them."""
    import cv2

    random = np.random.default_rng(seed)
    coarse = random.random((4, 5), dtype=np.float32)
    fine = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
    return (low + fine * (high - low)).astype(np.uint8)


def like(mask: Mask, seed: int) -> Levels:
    """A good prediction of `mask`: most pixels right, edges soft, a little noise."""
    import cv2

    soft = cv2.GaussianBlur(mask.astype(np.float32), (9, 9), 3)
    rough = soft + np.random.default_rng(seed).normal(0, 0.08, mask.shape)
    return (rough.clip(0, 1) * 255).astype(np.uint8)


def seeded_pairs(count: int) -> Iterator[Pair]:
    """Ordinary pairs of many sizes: the same ones in every run."""
    for seed in range(count):
        random = np.random.default_rng(seed)
        shape = (int(random.integers(2, 90)), int(random.integers(2, 90)))
        mask = disc(shape, *random.random(2) * shape, random.random() * max(shape) / 2)
        mask ^= random.random(shape) < random.choice([0, 0.01, 0.5])
        low, high = sorted(random.integers(0, 256, 2).tolist())
        maps = (noise(shape, seed), noise(shape, seed, low, high), smooth(shape, seed), like(mask, seed))
        yield Pair(f"seed {seed}", maps[seed % 4], mask)


@st.composite
def small_pairs(draw: st.DrawFn, max_side: int = 12) -> Pair:
    """Any small map with any mask; narrow ranges and few levels come up often."""
    shape = draw(st.tuples(st.integers(1, max_side), st.integers(1, max_side)))
    low = draw(st.integers(0, 255))
    high = draw(st.integers(low, 255))
    some = st.sampled_from(draw(st.lists(st.integers(low, high), min_size=1, max_size=4)))
    levels = draw(arrays(np.uint8, shape, elements=draw(st.sampled_from([st.integers(low, high), some]))))
    return Pair("any", levels, draw(arrays(bool, shape)))


# --- hostile --------------------------------------------------------------------------------------


def hostile_pairs() -> list[Pair]:
    """Pairs at the edges of the definitions, and where rounding decides."""
    return [
        *_without_an_edge(),
        *_constant_maps(),
        *_single_pixels(),
        *_lines(),
        *_adaptive_ties(),
        *_last_bits(),
        *_constant_quadrants(),
        *_nan_s(),
        *_far_away(),
        *_nearest_ties(),
        *_spans(),
    ]


def _without_an_edge() -> Iterator[Pair]:
    shape = (9, 13)
    maps = {"noise": noise(shape), "black": 0, "white": 255, "grey": 77, "narrow": noise(shape, 1, 20, 173)}
    for name, levels in maps.items():
        full = np.full(shape, levels, np.uint8) if isinstance(levels, int) else levels
        yield Pair(f"empty mask, {name} map", full, np.zeros(shape, bool))
        yield Pair(f"full mask, {name} map", full, np.ones(shape, bool))


def _constant_maps() -> Iterator[Pair]:
    mask = disc((11, 8), 4, 3, 2.5)
    for level in (0, 1, 3, 63, 127, 128, 129, 200, 254, 255):
        yield Pair(f"constant {level}", np.full(mask.shape, level, np.uint8), mask)


def _single_pixels() -> Iterator[Pair]:
    for level in (0, 1, 128, 255):
        for salient in (False, True):
            one = (np.full((1, 1), level, np.uint8), np.full((1, 1), salient))
            yield Pair(f"1 x 1, {level}, {salient}", *one)
    shape = (14, 10)
    for y, x in ((0, 0), (0, 9), (13, 0), (13, 9), (6, 5), (0, 4), (12, 8), (7, 0)):
        point = block(shape, y, x, y + 1, x + 1)
        yield Pair(f"one salient pixel at {y}, {x}", noise(shape, y + x), point)
        yield Pair(f"all but one pixel at {y}, {x} salient", noise(shape, y + x), ~point)
        yield Pair(f"one bright pixel at {y}, {x}", point.astype(np.uint8) * 255, disc(shape, 6, 4, 4))
        yield Pair(f"perfect pixel at {y}, {x}", point.astype(np.uint8) * 255, point)


def _lines() -> Iterator[Pair]:
    for length in (2, 3, 7, 8, 9, 31, 130, 400):
        mask = np.random.default_rng(length).random((1, length)) < 0.4
        mask[0, 0] = True
        yield Pair(f"1 x {length}", noise((1, length), length), mask)
        yield Pair(f"{length} x 1", noise((length, 1), length), mask.T)
    for shape in ((2, 2), (2, 3), (3, 2), (2, 50), (3, 50), (50, 3), (7, 7)):
        yield Pair(f"{shape[0]} x {shape[1]}", noise(shape, 5), noise(shape, 6) > 150)


def _adaptive_ties() -> Iterator[Pair]:
    """Maps of 0, `level` and 255 of which twice the mean is `level` itself, where no sum is rounded.

    With m pixels of 255, k of `level` and n in all: 2 (k level + 255 m) / n = level.
    """
    for level in (30, 34, 51, 85, 102, 170):
        for k, m in ((3, 1), (10, 2), (50, 7), (131, 23)):
            n = 2 * k + 510 * m // level
            for height in (1, 5) if n % 5 == 0 else (1, 2) if n % 2 == 0 else (1,):
                levels = np.zeros(n, np.uint8)
                levels[:k], levels[k : k + m] = level, 255
                random = np.random.default_rng(n)
                random.shuffle(levels)
                mask = random.random((height, n // height)) < 0.3
                name = f"twice the mean is level {level}, {height} x {n // height}"
                yield Pair(name, levels.reshape(mask.shape), mask)
    half = np.tile(np.array([[0, 255]], np.uint8), (6, 5))
    yield Pair("twice the mean is 1", half, disc(half.shape, 2, 3, 2.2))


def _last_bits() -> Iterator[Pair]:
    """Shares of pixels x of which x ** 2 and x * x differ, for adaptive E to show."""
    for salient, hits, false in ((7, 5, 3), (7, 6, 2), (8, 1, 29)):
        mask, predicted = np.zeros((1, 41), bool), np.zeros((1, 41), np.uint8)
        mask[0, :salient] = True
        predicted[0, salient - hits : salient + false] = 255
        yield Pair(f"{hits} of {salient} hit, {false} beside, 1 x 41", predicted, mask)


def _constant_quadrants() -> Iterator[Pair]:
    """Flat quadrants of neither black nor white, where numpy's rounding decides between SSIM 0 and 1."""
    mask = block((20, 30), 0, 0, 20, 12)  # centroid at 10, 6: both left quadrants all salient
    random = np.random.default_rng(0)
    for number in range(12):
        levels = noise(mask.shape, number)
        top, bottom = random.integers(1, 255, 2)
        levels[:11, :7], levels[11:, :7] = top, bottom
        yield Pair(f"flat left quadrants {top} and {bottom}", levels, mask)
    corner = block((31, 23), 20, 14, 31, 23)
    for level in (1, 7, 77, 191, 254):
        levels = np.where(corner, 255, 0).astype(np.uint8)
        levels[:26, :19] = level
        yield Pair(f"flat left top {level}, partly salient", levels, corner)
        levels[corner] = level
        levels[0, 0], levels[-1, -1] = 0, 255
        yield Pair(f"nearly flat {level}", levels, corner)


def _nan_s() -> Iterator[Pair]:
    """The object's centroid lies in the last row or column, so that a quadrant is empty."""
    shape = (12, 17)
    for name, mask in {
        "last row": block(shape, 11, 3, 12, 9),
        "last column": block(shape, 2, 16, 8, 17),
        "last pixel": block(shape, 11, 16, 12, 17),
    }.items():
        yield Pair(f"centroid in the {name}", noise(shape, 3), mask)
        yield Pair(f"centroid in the {name}, flat map", np.full(shape, 9, np.uint8), mask)


def _far_away() -> Iterator[Pair]:
    """Background farther from the object than any distance whose weight a table would hold."""
    for shape in ((3, 700), (700, 2), (260, 330)):
        for y, x in ((0, 0), (shape[0] - 1, shape[1] // 2)):
            yield Pair(f"object at {y}, {x} of {shape}", noise(shape, 8), block(shape, y, x, y + 1, x + 1))


def _nearest_ties() -> Iterator[Pair]:
    """Background pixels with several nearest salient ones, of which the first column, then row, counts."""
    shape = (24, 27)
    rows, columns = np.indices(shape)
    masks = {
        "checkerboard": (rows + columns) % 2 == 0,
        "columns": columns % 4 == 0,
        "rows": rows % 4 == 0,
        "lattice": (rows % 6 == 0) & (columns % 6 == 0),
        "diagonals": (rows + columns) % 7 == 0,
        "ring": disc(shape, 12, 13, 9) & ~disc(shape, 12, 13, 5),
        "two points": (rows == 12) & ((columns == 4) | (columns == 10)),
        "sparse noise": noise(shape, 9) < 6,
    }
    for name, mask in masks.items():
        yield Pair(f"{name}, noise", noise(shape, 10), mask)
        yield Pair(f"{name}, good map", like(mask, 11), mask)


def _spans() -> Iterator[Pair]:
    """Every level between a lowest and a highest: truncation after the stretch is not exact in integers."""
    for low, high in ((0, 254), (1, 255), (20, 173), (3, 5), (100, 101), (0, 1), (254, 255), (17, 201)):
        ramp = np.arange(low, high + 1, dtype=np.uint8)
        levels = np.tile(np.concatenate([ramp, ramp[::-1]]), (3, 1))
        yield Pair(f"levels {low} to {high}", levels, noise(levels.shape, low) > 120)
