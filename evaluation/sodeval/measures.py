"""The names of the measures: one table that every output reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .errors import UsageError, did_you_mean


@dataclass(frozen=True, slots=True)
class Measure:
    """How a measure is called and read.

    Args:
        name: the key in ``report.json`` and the column in ``per_image.csv``.
        title: what a person reads in a table.
        latex: the same in LaTeX.
        better: which direction is better.
        summary: one line for help pages.
    """

    name: str
    title: str
    latex: str
    better: Literal["lower", "higher"]
    summary: str

    @property
    def arrow(self) -> str:
        return "↓" if self.better == "lower" else "↑"


def _table(*measures: Measure) -> Mapping[str, Measure]:
    return {measure.name: measure for measure in measures}


STANDARD = _table(
    Measure("MAE", "MAE", r"\mathrm{MAE}", "lower", "mean absolute error"),
    Measure("maxF", "maxF", r"F_\beta^{\max}", "higher", "F-measure at its best threshold"),
    Measure("meanF", "meanF", r"F_\beta^{\mathrm{mean}}", "higher", "F-measure, mean over thresholds"),
    Measure("adpF", "adpF", r"F_\beta^{\mathrm{adp}}", "higher", "F-measure at twice the map's mean"),
    Measure(
        "maxF_pr",
        "maxF (PR)",
        r"F_\beta^{\max,\mathrm{PR}}",
        "higher",
        "best F of the precision and recall averaged over images",
    ),
    Measure(
        "meanF_pr",
        "meanF (PR)",
        r"F_\beta^{\mathrm{mean,PR}}",
        "higher",
        "mean F of the precision and recall averaged over images",
    ),
    Measure("wF", "wF", r"F_\beta^{w}", "higher", "weighted F-measure"),
    Measure("S", "S", r"S_\alpha", "higher", "S-measure (structure)"),
    Measure("maxE", "maxE", r"E_\phi^{\max}", "higher", "E-measure at its best threshold"),
    Measure("meanE", "meanE", r"E_\phi^{\mathrm{mean}}", "higher", "E-measure, mean over thresholds"),
    Measure("adpE", "adpE", r"E_\phi^{\mathrm{adp}}", "higher", "E-measure at twice the map's mean"),
)
"""The measures that every report holds, in the order of its columns."""

FAMILIES: Mapping[str, tuple[str, Literal["lower", "higher"], str]] = {
    "IoU": ("IoU", "higher", "intersection over union"),
    "Dice": ("Dice", "higher", "Dice coefficient"),
    "BER": ("BER", "lower", "balanced error rate"),
    "specificity": ("Spec", "higher", "true negative rate"),
    "FPR": ("FPR", "lower", "false positive rate"),
    "kappa": ("kappa", "higher", "kappa as PySODMetrics has it, which is not quite Cohen's"),
    "accuracy": ("Acc", "higher", "overall accuracy"),
}
"""On request: each gives a max, a mean and an adaptive measure. Max is the largest value, as in the
reference, also where lower is better."""


def _of_family(name: str) -> tuple[Measure, ...]:
    short, better, summary = FAMILIES[name]
    at = {"max": "largest over thresholds", "mean": "mean over thresholds", "adp": "at twice the mean"}
    return tuple(
        Measure(
            f"{kind}{name}",
            f"{kind}{short}",
            rf"\mathrm{{{short}}}^{{\mathrm{{{kind}}}}}",
            better,
            f"{summary}, {how}",
        )
        for kind, how in at.items()
    )


def get_measure(name: str) -> Measure:
    """The measure of a column name or of a table's heading, standard or on request.

    Raises:
        UsageError: there is none; the message names the nearest.
    """
    known = _known() | {measure.title: measure for measure in STANDARD.values()}
    if name not in known:
        raise UsageError(f"unknown measure {name!r}{did_you_mean(name, list(known))}")
    return known[name]


def in_order(names: Collection[str]) -> tuple[Measure, ...]:
    """The measures of these names in the order of every table: standard ones, then those on request.

    Example:
        >>> [measure.name for measure in in_order({"maxIoU", "S", "MAE"})]
        ['MAE', 'S', 'maxIoU']
    """
    return tuple(measure for name, measure in _known().items() if name in names)


def _known() -> dict[str, Measure]:
    return dict(STANDARD) | {measure.name: measure for family in FAMILIES for measure in _of_family(family)}


def get_families(names: Iterable[str]) -> tuple[str, ...]:
    """The families asked for, spelled as `FAMILIES` spells them, in its order.

    Raises:
        UsageError: an unknown one; the message names the nearest.
    """
    spelled = {name.lower(): name for name in FAMILIES}
    wanted = set()
    for name in names:
        if name.lower() not in spelled:
            raise UsageError(f"unknown measure {name!r}{did_you_mean(name, list(FAMILIES))}")
        wanted.add(spelled[name.lower()])
    return tuple(name for name in FAMILIES if name in wanted)
