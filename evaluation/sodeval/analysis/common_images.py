"""Two methods cut down to the images that both hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, UInt32

from ..benchmarks import same_name
from ..errors import ReportError, UsageError
from ..measures import STANDARD
from ..printable import printable
from ..report import Result

OWN_MEASURES = tuple(name for name in STANDARD if not name.endswith("_pr"))
"""Those of which each image has a value: precision and recall averaged over images leave none."""


@dataclass(frozen=True, slots=True)
class Images:
    """One method on the common images: what `PerImage` calls `values` and `counts`."""

    values: Mapping[str, Float64[np.ndarray, "n"]]
    counts: UInt32[np.ndarray, "n 2 bins"]


@dataclass(frozen=True, slots=True)
class CommonImages:
    """Two methods on the images that both hold.

    Args:
        keys: their names, sorted.
        a: the first method. A value that is not defined for one method is NaN in both.
        b: the second.
        left_out: how many only the first and only the second holds.
        notes: what a reader must know of them.
    """

    keys: tuple[str, ...]
    a: Images
    b: Images
    left_out: tuple[int, int]
    notes: tuple[str, ...]

    def defined(self, name: str) -> int:
        """How many images a measure is defined on."""
        return int(np.count_nonzero(~np.isnan(self.a.values[name])))


def common_images(a: Result, b: Result) -> CommonImages:
    """The images that both results hold.

    Raises:
        UsageError: the results are of two benchmarks, or have no image in common.
        ReportError: one has no scores, or not those of its images, or the masks are not the same.
    """
    if not same_name(a.benchmark, b.benchmark):
        raise UsageError(f"{_who(a)} and {_who(b)}: expected two results on one benchmark")
    keys_a, all_a = _images_of(a)
    keys_b, all_b = _images_of(b)
    first, second = ({key: i for i, key in enumerate(keys)} for keys in (keys_a, keys_b))
    keys = tuple(sorted(first.keys() & second.keys()))
    if not keys:
        raise UsageError(
            f"{_who(a)} and {_who(b)} have no image in common: the first holds {_few(first)}, the second "
            f"{_few(second)}; expected images of the same names"
        )
    images_a = _take(all_a, [first[key] for key in keys])
    images_b = _take(all_b, [second[key] for key in keys])
    left_out = (len(first) - len(keys), len(second) - len(keys))
    notes = (*_check_masks(a, b, keys, images_a, images_b), *_say_left_out(a, b, left_out))
    images_a, images_b = _undefined_in_both(images_a, images_b)
    return CommonImages(keys, images_a, images_b, left_out, (*notes, *_say_undefined(images_a)))


def _images_of(result: Result) -> tuple[tuple[str, ...], Images]:
    if not result.scored:
        raise ReportError(
            f"{_who(result)} has no scores: {result.images:,} of {result.expected:,} maps were scored; "
            "complete its maps, or run it again with --allow-missing"
        )
    per_image = result.per_image
    if per_image is None or not per_image.values.keys() >= set(OWN_MEASURES):
        raise ReportError(f"{_who(result)} has no scores of its images: {_lost('per_image.csv')}")
    if per_image.counts is None:
        raise ReportError(f"{_who(result)} has no pixel counts: {_lost('curves.npz')}")
    return per_image.keys, Images(per_image.values, per_image.counts)


def _lost(file: str) -> str:
    return f"{file} is not beside its report.json, or not whole; put it there, or write the report again"


def _take(images: Images, rows: Sequence[int]) -> Images:
    return Images({name: images.values[name][rows] for name in OWN_MEASURES}, images.counts[rows])


def _check_masks(a: Result, b: Result, keys: Sequence[str], images_a: Images, images_b: Images) -> list[str]:
    """Refuses masks that differ, as far as the reports can tell; a fingerprint covers all masks together."""
    if a.gt_fingerprint == b.gt_fingerprint:
        return []
    sizes_a, sizes_b = (each.counts.sum(axis=2, dtype=np.int64) for each in (images_a, images_b))
    differing = np.flatnonzero((sizes_a != sizes_b).any(axis=1))
    refusal = f"{_who(a)} and {_who(b)} were scored against different masks"
    if len(differing):
        raise ReportError(
            f"{refusal}: of {len(differing):,} of the {len(keys):,} common images, {keys[differing[0]]!r} "
            "the first, they differ in size or in salient pixels; score both against one copy of the masks"
        )
    if a.expected == b.expected:
        raise ReportError(
            f"{refusal}: {a.expected:,} each, with the fingerprints {a.gt_fingerprint[:12]!r} and "
            f"{b.gt_fingerprint[:12]!r}; score both against one copy of the masks"
        )
    return [
        f"The masks were {a.expected:,} and {b.expected:,}. Those of the common images agree in size and in "
        "the number of salient pixels; more cannot be told from the reports."
    ]


def _say_left_out(a: Result, b: Result, left_out: tuple[int, int]) -> list[str]:
    return [
        f"{count:,} {'image' if count == 1 else 'images'} of {_who(result)} left out: "
        "the other does not hold them."
        for result, count in zip((a, b), left_out, strict=True)
        if count
    ]


def _undefined_in_both(a: Images, b: Images) -> tuple[Images, Images]:
    undefined = {name: np.isnan(a.values[name]) | np.isnan(b.values[name]) for name in OWN_MEASURES}
    images_a, images_b = (
        Images(
            {name: np.where(undefined[name], np.nan, each.values[name]) for name in OWN_MEASURES}, each.counts
        )
        for each in (a, b)
    )
    return images_a, images_b


def _say_undefined(images: Images) -> list[str]:
    counts = {name: int(np.isnan(values).sum()) for name, values in images.values.items()}
    return [
        f"{name} is not defined on {count:,} of {len(images.counts):,} images: left out of it."
        for name, count in counts.items()
        if count
    ]


def _who(result: Result) -> str:
    return f"{printable(result.method)} on {printable(result.benchmark)}"


def _few(keys: Mapping[str, int]) -> str:
    shown = ", ".join(printable(key) for key in list(keys)[:2])
    return f"{shown}, ..." if len(keys) > 2 else shown
