"""One image and the maps of all methods for it: read, check, measure.

The unit of work is a chunk of samples. Whatever is wrong with one file becomes a `Problem` of that file;
the rest of the chunk is scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Num

from . import joint, values
from .cache import Cache
from .errors import ImageError
from .facts import Facts
from .fingerprints import mask_digest
from .ground_truth import GroundTruth, binarise, prepare
from .inputs.decoded import DEFAULT_MAX_PIXELS, Decoded
from .inputs.reading import decode, read_bytes
from .inputs.resizing import resize_to
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


def score_chunk(samples: Sequence[Sample], settings: Settings) -> Outcome:
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
    except ImageError as error:
        recorder.outcome.note("", _as_problem(error))
        return
    mask = binarise(decoded.values, settings.protocol)
    recorder.outcome.digests[sample.key] = mask_digest(mask)
    recorder.outcome.note("", *decoded.notes, *_check_mask(decoded.values, mask, sample.mask))
    gt = None
    for method, path in sample.maps.items():
        try:
            data = read_bytes(path)
            cache_key = recorder.cache.key_of(mask_data, data, settings.protocol)
            known = recorder.cache.look_up(cache_key, path)
            tag = Tag(method, sample.key, cache_key, known[1] if known else ())
            if known:
                recorder.report(known[0], tag)
                continue
            saliency = decode(data, path, settings.max_pixels)
            gt = gt or prepare(mask, settings.protocol)
            _measure(saliency, path, gt, tag, recorder)
        except ImageError as error:
            recorder.outcome.note(method, _as_problem(error))


def _measure(saliency: Decoded, path: Path, gt: GroundTruth, tag: Tag, recorder: Recorder) -> None:
    pixels, notes = fit(saliency.values, gt, recorder.protocol, path)
    tag = Tag(tag.method, tag.key, tag.cache_key, (*saliency.notes, *notes, *_check_centroid(gt, path)))
    recorder.keep(measure_pair(pixels, gt, recorder.protocol), tag)


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


def _check_mask(
    pixels: Num[np.ndarray, "h w"], mask: Bool[np.ndarray, "h w"], path: Path
) -> tuple[Problem, ...]:
    notes = []
    if not mask.any():
        notes.append(Problem(str(path), "empty-gt", "nothing is salient: F-measures are 0 here", "note"))
    if is_grey(pixels):
        detail = "grey levels between black and white: the protocol's threshold decides what is salient"
        notes.append(Problem(str(path), "grey-gt", detail, "note"))
    return tuple(notes)


def is_grey(pixels: Num[np.ndarray, "h w"]) -> bool:
    """Whether a mask has levels between 0 and its highest."""
    highest = pixels.max()
    if pixels.dtype.kind == "u" and highest:  # 0 wraps around to the top; one comparison does for both
        return bool((pixels - pixels.dtype.type(1) < highest - 1).any())
    return bool(((pixels > 0) & (pixels < highest)).any())


def _check_centroid(gt: GroundTruth, path: Path) -> tuple[Problem, ...]:
    height, width = gt.shape
    if 0 < gt.area_px < gt.size_px and (gt.cut_y == height or gt.cut_x == width):
        detail = "S-measure is NaN: the object's centroid lies in the last row or column of its mask"
        return (Problem(str(path), "nan-s", detail, "note"),)
    return ()


def _as_problem(error: ImageError) -> Problem:
    return Problem(error.path, error.kind, error.detail)
