"""A figure: what somebody measured of a method, and where that stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from .conventions import SECOND_HAND, UNSTATED, Column
from .file_names import file_name
from .intervals import Interval, Sample
from .rounding import short

DECIMALS = 3
"""Of every score that is shown or handed on (`rounding.three`), never more; the proof keeps more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What is measured.

    Args:
        name: as its paper calls it.
        variant: which of several networks of that name; empty for the usual one.
        supervision: key of `conventions.SUPERVISIONS`.
        backbone: what computes the features; empty where not known.
        train_set: what it was trained on; empty where not known.
        venue: where it was published; empty where not known.
        year: of that; None where not known.
        parameters: of the network; None where not known.
        paper: address of the paper.
        code: address of the code.
        checked: whether whoever measured it vouches for the above. In published tables it is general
            knowledge where the source is silent.
    """

    name: str
    variant: str = ""
    supervision: str
    backbone: str = ""
    train_set: str = ""
    venue: str = ""
    year: int | None = None
    parameters: int | None = None
    paper: str = ""
    code: str = ""
    checked: bool = False

    @property
    def title(self) -> str:
        """What a reader sees: ``name (variant)``."""
        return f"{self.name} ({self.variant})" if self.variant else self.name

    @property
    def slug(self) -> str:
        """What its page and its files are called."""
        return file_name(self.title)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure stands.

    Args:
        title: short, for tables.
        url: for whoever reads it up.
        place: table or figure there.
    """

    title: str
    url: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number.

    Args:
        method: what it is of.
        benchmark: as sodeval calls it.
        measure: key of `conventions.measure_of`.
        printed: what the source calls the measure.
        value: 0 to 1.
        origin: key of `conventions.ORIGINS`: who measured it.
        convention: key of `conventions.PUBLISHED`, or `conventions.sodeval_convention`.
        source: where it stands.
        suspect: why it may be misprinted; empty where nothing says so. It is shown, never ranked.
        note: what else a reader should know.
        sample: what a measured one is the mean of; None where it is no mean over images, or was corrected.
    """

    method: Method
    benchmark: str
    measure: str
    printed: str
    value: float
    origin: str
    convention: str
    source: Source
    suspect: str = ""
    note: str = ""
    sample: Sample | None = field(default=None, compare=False, repr=False)

    @property
    def column(self) -> Column:
        """What it may be ranked with."""
        own = f"{UNSTATED}: {self.source.title}" if self.convention == UNSTATED else self.convention
        return Column(self.benchmark, self.measure, own)

    @property
    def measured(self) -> bool:
        return self.origin == "measured"

    @property
    def second_hand(self) -> bool:
        """Whether it was read on a page that collects figures, so that no paper vouches for it."""
        return self.origin == SECOND_HAND

    @property
    def interval(self) -> Interval | None:
        """Of a figure that has a sample."""
        return self.sample.interval if self.sample else None

    @property
    def text(self) -> str:
        """Three decimals, never more.

        Example:
            >>> source, method = Source("paper", "https://..."), Method(name="A", supervision="full")
            >>> Figure(method=method, benchmark="ECSSD", measure="MAE", printed="MAE", value=0.0496,
            ...        origin="authors", convention="usual", source=source).text
            '.050'
        """
        return short(self.value)
