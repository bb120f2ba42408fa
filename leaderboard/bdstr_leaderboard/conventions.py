"""What a figure's measure follows. Figures are ranked within one convention, never across two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bdstr.errors import BoardError
from sodeval.benchmarks import find_benchmark
from sodeval.measures import Measure, get_measure
from sodeval.protocol import PRESETS

UNSTATED = "unstated"
USUAL = "usual"
SODEVAL = "sodeval"
PUBLISHED: Mapping[str, str] = {
    USUAL: "As most papers print it. The scaling of maps, the rule that makes masks binary and the variant "
    "of mean F differ among them, and few say which they used.",
    "lower-maxF": "maxF of the tables of InSPyReNet (all of its page) and SODsurvey, where the same maps "
    "score lower than in others: .02 to .04 on DUTS-TE.",
    "aste-al": "The tables of ASTE-AL: average F some .03 higher and weighted F some .03 lower than others "
    "give for the same networks, E on a scale of its own, and other masks of PASCAL-S.",
    "best-per-image": "F at the best threshold of each image: an upper bound that no threshold for all "
    "images reaches.",
    UNSTATED: "The source does not say which F or E it prints, or by which of two evaluators, and its "
    "figures do not tell: compared only with others of the same source.",
}
"""Convention of a published figure -> what it is."""

UNKNOWN_VARIANTS: Mapping[str, Measure] = {
    "F": Measure("F", "F?", r"F_\beta", "higher", "F-measure; the source does not say which"),
    "E": Measure("E", "E?", r"E_\phi", "higher", "E-measure; the source does not say which"),
}
"""What a source prints without saying which it is, and no figure tells."""

ORIGINS: Mapping[str, str] = {
    "measured": "scored here by sodeval, from the maps themselves",
    "authors": "by the method's authors, of their own method",
    "re-scored": "scored by another paper, from the maps of the method's authors",
    "others": "in another paper's table: copied or scored there, the source does not say",
    "re-implemented": "of a network that another paper trained anew",
    "aggregator": "on a page that collects figures, not in the paper",
}
"""Who measured a figure -> what a reader is told; the first is preferred."""

SECOND_HAND = "aggregator"
"""The origin that no paper vouches for."""

SUPERVISIONS: Mapping[str, str] = {
    "full": "masks that people drew",
    "scribble": "strokes that people drew",
    "box": "boxes that people drew",
    "point": "points that people clicked",
    "image label": "labels or captions of whole images",
    "foundation model": "masks that large models made",
    "unsupervised": "nothing that people marked",
    "none": "nothing is learned",
}
"""What a method learned from -> what it is, in the order of tables."""


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """What may be ranked together.

    Args:
        benchmark: as sodeval calls it.
        measure: key of a `Measure`.
        convention: key of `PUBLISHED`; ``unstated: SOURCE``; or ``sodeval PROTOCOL, masks FINGERPRINT``.
    """

    benchmark: str
    measure: str
    convention: str

    @property
    def unknown_masks(self) -> str:
        """Of what sodeval computed on masks that are no copy that we know, how their fingerprint begins.

        Example:
            >>> Column("SOD", "MAE", "sodeval pysodmetrics, masks cc7dd0be").unknown_masks
            'cc7dd0be'
            >>> Column("SOD", "MAE", "sodeval pysodmetrics, masks faecd716").unknown_masks
            ''
        """
        if not self.convention.startswith(f"{SODEVAL} "):
            return ""
        masks, known = self.convention.rpartition(" ")[2], _fingerprint(self.benchmark)
        return "" if known and known.startswith(masks) else masks

    @property
    def order(self) -> tuple[str, str, bool, str]:
        """Its place among others: known masks come before unknown ones."""
        return self.benchmark, self.measure, bool(self.unknown_masks), self.convention

    @property
    def told(self) -> str:
        """The convention in words.

        Example:
            >>> Column("SOD", "MAE", "sodeval pysodmetrics, masks faecd716").told
            'sodeval pysodmetrics, known masks'
        """
        if not self.convention.startswith(f"{SODEVAL} "):
            return self.convention
        masks = f"unknown masks {self.unknown_masks}" if self.unknown_masks else "known masks"
        return f"{self.convention.rpartition(' masks ')[0]} {masks}"


@lru_cache(maxsize=32)
def _fingerprint(benchmark: str) -> str:
    """Of the masks of a benchmark; empty where none is held."""
    found = find_benchmark(benchmark)
    return (found.fingerprint or "") if found else ""


@lru_cache(maxsize=256)  # asked once a figure
def measure_of(name: str) -> Measure:
    """The measure of a figure.

    Raises:
        UsageError: there is none; names the nearest.

    Example:
        >>> measure_of("E").title, measure_of("MAE").arrow
        ('E?', '↓')
    """
    return UNKNOWN_VARIANTS.get(name) or get_measure(name)


def sodeval_convention(protocol: str, gt_fingerprint: str) -> str:
    """That of figures which sodeval computed: its protocol, and the masks.

    Example:
        >>> sodeval_convention("pysodmetrics", "3620aec0fe9c8011")
        'sodeval pysodmetrics, masks 3620aec0'
    """
    return f"{SODEVAL} {protocol}, masks {gt_fingerprint[:8]}"


SODEVAL_TOLD = re.compile(rf"{SODEVAL} (?:{'|'.join(map(re.escape, PRESETS))}), masks [0-9a-f]{{8}}")
"""What `sodeval_convention` gives of a protocol that has a name."""


def explain(convention: str) -> str:
    """What a convention is, for people.

    Raises:
        BoardError: it is none.
    """
    if convention.startswith(f"{UNSTATED}: "):
        return PUBLISHED[UNSTATED]
    if convention.startswith(f"{SODEVAL} "):
        return "Computed by sodeval from the maps, under the protocol and on the masks that it names."
    if convention not in PUBLISHED:
        raise BoardError(f"unknown convention {convention!r}; expected one of {', '.join(PUBLISHED)}")
    return PUBLISHED[convention]
