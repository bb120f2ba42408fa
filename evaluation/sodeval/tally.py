"""From the facts of images to the scores of a method.

Images are taken in sorted order and sums run in that order, so that any split of the work gives the same
bits, and the same as PySODMetrics on the images in that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from jaxtyping import Float64

from . import kernels
from .curves import FAMILY_RATES, adaptive_confusions, adaptive_rates, confusions
from .facts import Facts, concatenate
from .protocol import Aggregation, Protocol
from .reference import divide
from .report import PerImage
from .room import Counts, let_go, with_rows

STANDARD_CURVES = ("precision", "recall", "F", "E")
IMAGES_AT_ONCE = 32
"""Enough to share numpy's cost of a call, few enough to stay in the processor's cache."""

Curve = Float64[np.ndarray, "thresholds"]
Curves = Float64[np.ndarray, "n thresholds"]


class Tally:
    """Adds up the images of one method on one benchmark.

    Args:
        protocol: the conventions.
        families: measures on request, see `measures.FAMILIES`.
        room: where the images' counts are kept, one after another; it grows where it is too small.
    """

    def __init__(
        self, protocol: Protocol, families: tuple[str, ...] = (), room: Counts | None = None
    ) -> None:
        self._protocol = protocol
        self._families = families
        self._adaptive_rates = adaptive_rates(protocol.f_beta2, families)
        self._sums: dict[str, Curve] = {
            name: np.zeros(protocol.thresholds) for name in (*STANDARD_CURVES, *families)
        }
        self._keys: list[str] = []
        self._waiting: list[Facts] = []
        self._columns: list[Mapping[str, Float64[np.ndarray, "n"]]] = []
        self._counts = np.empty((0, 2, protocol.thresholds + 1), np.uint32) if room is None else room
        self._counted = 0

    def add(self, keys: list[str], facts: Iterable[Facts]) -> None:
        """Takes the next images in sorted order, each with its facts."""
        self._keys += keys
        for one in facts:
            self._waiting.append(one)
            if len(self._waiting) == IMAGES_AT_ONCE:
                self._add_up()

    def _add_up(self) -> None:
        if not self._waiting:
            return
        facts = concatenate(self._waiting)
        adaptive = adaptive_confusions(facts.counts, facts.adaptive)
        columns = {"MAE": facts.mae, "wF": facts.wf, "S": facts.s}
        for name, curves in self._trace(facts.counts).items():
            # one row after another, as np.mean over the list of all curves adds them
            self._sums[name] = np.add.reduce(np.concatenate([self._sums[name][None], curves]), axis=0)
            if name not in ("precision", "recall"):
                columns |= _of_curves(name, curves, self._adaptive_rates[name](adaptive))
        self._columns.append(columns)
        self._keep(facts.counts)
        self._waiting = []

    def _keep(self, counts: Counts) -> None:
        end = self._counted + len(counts)
        self._counts = with_rows(self._counts, end)
        self._counts[self._counted : end] = counts
        self._counted = end
        let_go(self._counts)

    def _trace(self, counts: Counts) -> dict[str, Curves]:
        images, thresholds = len(counts), self._protocol.thresholds
        standard = np.empty((len(STANDARD_CURVES), images, thresholds))
        kernels.trace_curves(counts, images, thresholds, self._protocol.f_beta2, standard)
        traced = dict(zip(STANDARD_CURVES, standard, strict=True))
        if self._families:
            at_thresholds = confusions(counts)
            traced |= {name: np.asarray(FAMILY_RATES[name](at_thresholds)) for name in self._families}
        return traced

    def __len__(self) -> int:
        return len(self._keys)

    def per_image(self) -> PerImage:
        """Every image's own scores."""
        self._add_up()
        names = self._columns[0]
        values = {name: np.concatenate([columns[name] for columns in self._columns]) for name in names}
        self._columns = [values]  # no second copy
        return PerImage(tuple(self._keys), values, self._counts[: self._counted])

    def curves(self) -> dict[str, Curve]:
        """Each curve averaged over the images."""
        self._add_up()
        return {name: total / len(self) for name, total in self._sums.items()}


def _of_curves(
    name: str, curves: Curves, adaptive: Float64[np.ndarray, "n"]
) -> dict[str, Float64[np.ndarray, "n"]]:
    return {f"max{name}": curves.max(axis=1), f"mean{name}": curves.mean(axis=1), f"adp{name}": adaptive}


def summarise(per_image: PerImage, curves: Mapping[str, Curve], protocol: Protocol) -> dict[str, float]:
    """The scores of a method, from its images' scores and its averaged curves.

    Returns:
        Measure -> score, in the order of `measures.STANDARD`, then what was asked for beyond it.
    """
    images = per_image.values
    averages = {name: float(np.mean(values)) for name, values in images.items()}
    pr = f_of_averages(curves, protocol.f_beta2)
    f = pr if protocol.f_aggregation == "pr" else curves["F"]
    scores = {
        "MAE": averages["MAE"],
        "maxF": _best(f, averages["maxF"], protocol.f_aggregation),
        "meanF": _mean(f, averages["meanF"], protocol.f_aggregation),
        "adpF": averages["adpF"],
        "maxF_pr": float(pr.max()),
        "meanF_pr": float(pr.mean()),
        "wF": averages["wF"],
        "S": averages["S"],
        "maxE": _best(curves["E"], averages["maxE"], protocol.e_aggregation),
        "meanE": _mean(curves["E"], averages["meanE"], protocol.e_aggregation),
        "adpE": averages["adpE"],
    }
    for name in list(curves)[len(STANDARD_CURVES) :]:
        scores[f"max{name}"] = float(curves[name].max())
        scores[f"mean{name}"] = float(curves[name].mean())
        scores[f"adp{name}"] = averages[f"adp{name}"]
    return scores


def f_of_averages(curves: Mapping[str, Curve], beta2: float) -> Curve:
    """The F curve of precision and recall averaged over images: the other convention in use."""
    p, r = curves["precision"], curves["recall"]
    return divide((1 + beta2) * p * r, beta2 * p + r)


def _best(curve: Curve, of_images: float, aggregation: Aggregation) -> float:
    return of_images if aggregation == "image" else float(curve.max())


def _mean(curve: Curve, of_images: float, aggregation: Aggregation) -> float:
    return of_images if aggregation == "image" else float(curve.mean())
