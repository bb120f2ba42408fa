"""One image and the maps of all methods for it: read, check, measure.

The unit of work is a chunk of samples. Whatever is wrong with one file becomes a `Problem` of that file;
the rest of the chunk is scored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Num

from . import joint, kernels, values
from .cache import Cache
from .defaults import DEFAULT_MAX_PIXELS
from .errors import ImageError
from .facts import Facts
from .fingerprints import mask_digest
from .ground_truth import GroundTruth, binarise, prepare
from .inputs.decoded import Decoded, out_of_memory
from .inputs.reading import decode, read_bytes
from .inputs.resizing import resize_to
from .levels import full_scale
from .problem import Problem
from .protocol import Protocol


@dataclass(frozen=True, slots=True)
class Settings:
    """What every worker must know.

    Args:
        protocol: the conventions.
        max_pixels: larger images are refused.
        cache: file in which facts are looked up; None for none.
    """

    protocol: Protocol
    max_pixels: int = DEFAULT_MAX_PIXELS
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One mask and its maps.

    Args:
        key: its name.
        mask: file of the ground truth.
        maps: method -> file of the saliency map.
    """

    key: str
    mask: Path
    maps: Mapping[str, Path]


@dataclass(slots=True)
class Outcome:
    """What a chunk of samples gave.

    Args:
        digests: key -> digest of the mask as the measures saw it.
        facts: method -> key -> facts of the pair.
        problems: method -> what was noticed; what concerns a mask is under ``""``.
        fresh: cache rows for what was not in the cache.
    """

    digests: dict[str, bytes] = field(default_factory=dict)
    facts: dict[str, dict[str, Facts]] = field(default_factory=dict)
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    fresh: list[tuple[bytes, bytes]] = field(default_factory=list)

    def note(self, method: str, *problems: Problem) -> None:
        self.problems.setdefault(method, []).extend(problems)


def score_chunk(samples: Iterable[Sample], settings: Settings) -> Outcome:
    """Measures every pair of some samples; never raises for what a file holds."""
    _keep_freed_memory()
    outcome = Outcome()
    with Cache.open(settings.cache) as cache:
        recorder = Recorder(settings.protocol, outcome, cache)
        for sample in samples:
            _score_sample(sample, settings, recorder)
    return outcome


@lru_cache(maxsize=1)
def _keep_freed_memory() -> None:
    """Makes glibc keep the memory of one image's arrays for the next, about 20 page faults a pair saved.

    It gives freed memory back to the system at once until a larger array has been freed. This one is
    never touched, so costs nothing; elsewhere it has no effect.
    """
    np.empty(16 << 20, np.uint8)


@dataclass(frozen=True, slots=True)
class Tag:
    """Which pair a fact is about, and what to remember with it."""

    method: str
    key: str
    cache_key: bytes
    notes: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Takes down what a chunk gives, for the report and for the cache."""

    protocol: Protocol
    outcome: Outcome
    cache: Cache

    def keep(self, facts: Facts, tag: Tag) -> None:
        if self.cache.is_open:
            self.outcome.fresh.append((tag.cache_key, self.cache.pack(facts, tag.notes)))
        self.report(facts, tag)

    def report(self, facts: Facts, tag: Tag) -> None:
        self.outcome.facts.setdefault(tag.method, {})[tag.key] = facts
        self.outcome.note(tag.method, *tag.notes)


def _score_sample(sample: Sample, settings: Settings, recorder: Recorder) -> None:
    try:
        mask_data = read_bytes(sample.mask)
        decoded = decode(mask_data, sample.mask, settings.max_pixels)
        mask, notes = read_mask(decoded, sample.mask, settings.protocol)
    except (ImageError, MemoryError) as error:
        recorder.outcome.note("", _as_problem(error, sample.mask))
        return
    recorder.outcome.digests[sample.key] = mask_digest(mask)
    recorder.outcome.note("", *notes)
    gt = None
    for method, path in sample.maps.items():
        try:
            data = read_bytes(path)
            cache_key = recorder.cache.key_of(mask_data, data, settings.protocol, settings.max_pixels)
            known = recorder.cache.look_up(cache_key, path)
            if known:
                recorder.report(known[0], Tag(method, sample.key, cache_key, known[1]))
                continue
            saliency = decode(data, path, settings.max_pixels)
            gt = gt or prepare(mask, settings.protocol)
            facts, notes = measure_map(saliency, path, gt, settings.protocol)
            recorder.keep(facts, Tag(method, sample.key, cache_key, notes))
        except (ImageError, MemoryError) as error:
            recorder.outcome.note(method, _as_problem(error, path))


def read_mask(
    decoded: Decoded, name: str | Path, protocol: Protocol
) -> tuple[Bool[np.ndarray, "h w"], tuple[Problem, ...]]:
    """What is salient, and what a reader should know of how that was stored.

    Raises:
        ImageError: ``mask-range``, where 0 and 1 are given as 8-bit or 16-bit levels: nothing would pass.
    """
    pixels = decoded.values
    mask = binarise(pixels, protocol)
    found = []
    if not mask.any():
        if pixels.dtype.kind == "u" and pixels.max() == 1:
            raise ImageError(name, "mask-range", _ZERO_ONE.format(int(full_scale(pixels))))
        highest = f" (the highest level is {pixels.max():g})" if pixels.any() else ""
        detail = f"nothing is salient{highest}: F-measures are 0 here"
        found.append(Problem(str(name), "empty-gt", detail, "note"))
    if is_grey(pixels):
        found.append(Problem(str(name), "grey-gt", _GREY, "note"))
    return mask, (*decoded.notes, *found)


_GREY = "grey levels between black and white: the protocol's threshold decides what is salient"
_ZERO_ONE = (
    "a mask of the levels 0 and 1; expected 0 and {0}, or booleans: "
    "multiply it by {0}, since 1 of {0} is as good as black"
)


def measure_map(
    decoded: Decoded, name: str | Path, gt: GroundTruth, protocol: Protocol
) -> tuple[Facts, tuple[Problem, ...]]:
    """The facts of one map, and what was noticed about it.

    Raises:
        ImageError: it cannot be brought to its mask's size.
    """
    pixels, notes = fit(decoded.values, gt, protocol, name)
    return measure_pair(pixels, gt, protocol), (*decoded.notes, *notes, *_check_centroid(gt, name))


def measure_pair(pixels: Num[np.ndarray, "h w"], gt: GroundTruth, protocol: Protocol) -> Facts:
    """The facts of one pair of equal size."""
    if pixels.dtype == np.uint8:
        return joint.measure(pixels, gt, protocol)
    return values.measure(pixels, gt, protocol)


def fit(
    pixels: Num[np.ndarray, "h w"], gt: GroundTruth, protocol: Protocol, name: str | Path
) -> tuple[Num[np.ndarray, "h2 w2"], tuple[Problem, ...]]:
    """A map brought to its mask's size as the protocol says, and the note that says so."""
    if pixels.shape == gt.shape:
        return pixels, ()
    (height, width), (gt_height, gt_width) = pixels.shape, gt.shape
    resized = resize_to(pixels, gt.shape, protocol.resize, name)
    detail = f"{width} x {height} pixels, resized to the mask's {gt_width} x {gt_height} ({protocol.resize})"
    return resized, (Problem(str(name), "resized", detail, "note"),)


def is_grey(pixels: Num[np.ndarray, "h w"]) -> bool:
    """Whether a mask has levels between 0 and its highest."""
    if pixels.dtype == np.uint8:
        return bool(kernels.is_grey(pixels))
    return bool(((pixels > 0) & (pixels < pixels.max())).any())


def _check_centroid(gt: GroundTruth, name: str | Path) -> tuple[Problem, ...]:
    height, width = gt.shape
    if 0 < gt.area_px < gt.size_px and (gt.cut_y == height or gt.cut_x == width):
        detail = "S-measure is NaN: the object's centroid lies in the last row or column of its mask"
        return (Problem(str(name), "nan-s", detail, "note"),)
    return ()


def _as_problem(error: ImageError | MemoryError, path: Path) -> Problem:
    known = error if isinstance(error, ImageError) else out_of_memory(path)
    return Problem(known.path, known.kind, known.detail)
