"""Two classical saliency methods, straight from their papers: no training, no weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from ..errors import MissingExtraError

Photo = UInt8[np.ndarray, "h w 3"]
SaliencyMap = UInt8[np.ndarray, "h w"]

SUPERPIXEL_AREA_PX = 600
COMPACTNESS = 20.0  # of SLIC: how much a superpixel prefers being round to keeping to one colour
SIGMA_COLOUR = 10.0  # in Lab, where 2 is just noticeable
SIGMA_PLACE = 0.25  # of the longer side
SMOOTHNESS = 0.1  # the least weight between neighbours, so that no superpixel stands alone
NO_CONTRAST = 1e-3  # ranges below are rounding, which must not be stretched into a pattern


def frequency_tuned(photo: Photo) -> SaliencyMap:
    """How far each pixel's colour, lightly blurred, lies from the mean colour of the photograph.

    Achanta, Hemami, Estrada and Süsstrunk, "Frequency-tuned salient region detection", CVPR 2009:
    the distance in Lab, after a 5 x 5 binomial filter.

    Returns:
        0 least to 255 most salient; 0 everywhere where no pixel differs.
    """
    lab = _lab(photo)
    binomial = np.array([1, 4, 6, 4, 1]) / 16
    blurred = cv2.sepFilter2D(lab, -1, binomial, binomial)
    return _to_levels(np.linalg.norm(blurred - lab.mean(axis=(0, 1)), axis=2))


def robust_background(photo: Photo) -> SaliencyMap:
    """What differs from the regions that lean on the border of the photograph.

    Zhu, Liang, Wei and Sun, "Saliency optimization from robust background detection", CVPR 2014: each
    superpixel's contrast to probable background, then the optimum that smooths it.

    Returns:
        0 least to 255 most salient, constant over each superpixel; 0 everywhere where no pixel differs.

    Raises:
        MissingExtraError: scikit-image, which finds the superpixels, is not installed.
    """
    regions = _superpixels(photo)
    contrast = _distances(regions.colours)
    background = _background(regions, contrast)
    nearness = np.exp(-(_distances(regions.places) ** 2) / (2 * SIGMA_PLACE**2))
    foreground = _stretch((contrast * nearness) @ background)
    similarity = np.exp(-(contrast**2) / (2 * SIGMA_COLOUR**2)) + SMOOTHNESS
    saliency = _optimum(foreground, background, np.where(regions.adjacent, similarity, 0))
    return _to_levels(saliency[regions.labels])


METHODS: Mapping[str, Callable[[Photo], SaliencyMap]] = {"FT": frequency_tuned, "RBD": robust_background}


@dataclass(frozen=True, slots=True)
class _Regions:
    labels: Int64[np.ndarray, "h w"]
    colours: Float64[np.ndarray, "n 3"]  # mean Lab
    places: Float64[np.ndarray, "n 2"]  # centre, as a share of the longer side
    adjacent: Bool[np.ndarray, "n n"]  # those on the border count as each other's neighbours
    on_border: Bool[np.ndarray, "n"]


def _superpixels(photo: Photo) -> _Regions:
    try:
        from skimage.segmentation import slic
    except ImportError as error:
        raise MissingExtraError("scikit-image", "demo") from error

    height_px, width_px = photo.shape[:2]
    wanted = max(1, height_px * width_px // SUPERPIXEL_AREA_PX)
    labels = slic(photo, n_segments=wanted, compactness=COMPACTNESS, start_label=0).astype(np.int64)
    y, x = np.indices(labels.shape) / max(height_px, width_px)
    on_border = np.zeros(labels.max() + 1, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        on_border[edge] = True
    adjacent = _touching(labels) | np.outer(on_border, on_border)
    np.fill_diagonal(adjacent, False)
    places = _means(labels, np.stack([x, y], axis=2))
    return _Regions(labels, _means(labels, _lab(photo)), places, adjacent, on_border)


def _touching(labels: Int64[np.ndarray, "h w"]) -> Bool[np.ndarray, "n n"]:
    n = labels.max() + 1
    touching = np.zeros((n, n), bool)
    touching[labels[1:], labels[:-1]] = True
    touching[labels[:, 1:], labels[:, :-1]] = True
    return touching | touching.T


def _means(labels: Int64[np.ndarray, "h w"], of: Float64[np.ndarray, "h w c"]) -> Float64[np.ndarray, "n c"]:
    flat = labels.ravel()
    sums = [np.bincount(flat, channel.ravel()) for channel in np.moveaxis(of, 2, 0)]
    return np.stack(sums, axis=1) / np.bincount(flat)[:, np.newaxis]


def _background(regions: _Regions, contrast: Float64[np.ndarray, "n n"]) -> Float64[np.ndarray, "n"]:
    """How surely each superpixel is background, 0 to 1, from its boundary connectivity.

    That is how much of the region it belongs to lies on the border, over the root of the region's area.
    """
    steps = np.where(regions.adjacent, contrast, np.inf)
    # Many small steps must not add up to a large one, so the usual smallest step counts as none, as in
    # Wei, Wen, Zhu and Sun, "Geodesic saliency using background priors", ECCV 2012.
    usual = steps.min(axis=1).mean()
    lengths = np.where(regions.adjacent, np.maximum(contrast - usual, 1e-9), 0)  # 0 means no edge
    reach = np.exp(-(shortest_path(csr_array(lengths), directed=False) ** 2) / (2 * SIGMA_COLOUR**2))
    connectivity = reach[:, regions.on_border].sum(axis=1) / np.sqrt(reach.sum(axis=1))
    return np.asarray(1 - np.exp(-(connectivity**2) / 2))


def _optimum(
    foreground: Float64[np.ndarray, "n"],
    background: Float64[np.ndarray, "n"],
    similarity: Float64[np.ndarray, "n n"],
) -> Float64[np.ndarray, "n"]:
    """Least squares: foreground near 1, background near 0, similar neighbours near each other."""
    system = np.diag(background + foreground + similarity.sum(axis=1)) - similarity
    return np.linalg.solve(system, foreground)


def _distances(points: Float64[np.ndarray, "n d"]) -> Float64[np.ndarray, "n n"]:
    return np.asarray(np.linalg.norm(points[:, np.newaxis] - points[np.newaxis], axis=2))


def _lab(photo: Photo) -> Float64[np.ndarray, "h w 3"]:
    return cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float64)


def _stretch(values: Float64[np.ndarray, "..."]) -> Float64[np.ndarray, "..."]:
    spread = np.ptp(values)
    return (values - values.min()) / spread if spread > NO_CONTRAST else np.zeros_like(values)


def _to_levels(saliency: Float64[np.ndarray, "h w"]) -> SaliencyMap:
    return np.round(255 * _stretch(saliency)).astype(np.uint8)
