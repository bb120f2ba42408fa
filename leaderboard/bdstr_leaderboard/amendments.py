"""``amendments.csv``: figures that were removed or corrected stay on record, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bdstr.errors import BoardError

from .figure import Figure
from .lines import read_lines, whole
from .published import LeftOut, value_of
from .words import is_date

COLUMNS = ("date", "method", "benchmark", "measure", "source_url", "action", "value", "reason")
REMOVED, CORRECTED = "removed", "corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What was decided of a figure.

    Args:
        place: where it is written.
        date: when it was decided, as ``2026-11-25``.
        method: title of the method.
        benchmark: as sodeval calls it.
        measure: of the figure; empty for all of the method on the benchmark.
        source_url: of the figure; empty for measured ones.
        action: `REMOVED` or `CORRECTED`.
        value: the right one, where it was corrected.
        reason: why.
    """

    place: str
    date: str
    method: str
    benchmark: str
    measure: str
    source_url: str
    action: str
    value: float | None
    reason: str

    def concerns(self, figure: Figure) -> bool:
        """Whether it is about this figure."""
        return (
            self.method == figure.method.title
            and self.benchmark == figure.benchmark
            and self.measure in ("", figure.measure)
            and (figure.measured if not self.source_url else self.source_url == figure.source.url)
        )


@dataclass(frozen=True, slots=True)
class Amended:
    """A figure as it was, and what was decided of it."""

    was: Figure
    amendment: Amendment


def read_amendments(table: Path) -> list[Amendment]:
    """The decisions of a table.

    Raises:
        BoardError: it cannot be read, or a line is wrong: a decision must not get lost.
    """
    found = []
    for number, line in read_lines(table, COLUMNS):
        place = f"{table.name}, line {number}"
        try:
            found.append(_amendment(whole(line), place))
        except BoardError as error:
            raise BoardError(f"{place}: {error}") from error
    return found


def _amendment(row: Mapping[str, str], place: str) -> Amendment:
    if row["action"] not in (REMOVED, CORRECTED):
        raise BoardError(f"action: found {row['action']!r}; expected {REMOVED} or {CORRECTED}")
    if not row["reason"]:
        raise BoardError(f"reason: found nothing; expected why the figure is {row['action']}")
    if not is_date(row["date"]):
        raise BoardError(f"date: found {row['date']!r}; expected one such as 2026-11-25")
    value = value_of(row["value"]) if row["action"] == CORRECTED else None
    return Amendment(place=place, **{name: row[name] for name in COLUMNS if name != "value"}, value=value)


def amend(
    figures: Iterable[Figure], amendments: Iterable[Amendment]
) -> tuple[list[Figure], list[Amended], list[LeftOut]]:
    """The figures after what was decided; those that were changed, as they were; decisions about none."""
    now, amended, unmatched = list(figures), [], []
    for amendment in amendments:
        concerned = [figure for figure in now if amendment.concerns(figure)]
        amended += [Amended(figure, amendment) for figure in concerned]
        if not concerned:
            unmatched.append(LeftOut(amendment.place, _why_none(now, amendment)))
        now = [_decided(figure, amendment) for figure in now if not _gone(figure, amendment)]
    return now, amended, unmatched


def _why_none(figures: Iterable[Figure], amendment: Amendment) -> str:
    for figure in figures:
        url = figure.source.url
        if not amendment.source_url and url and replace(amendment, source_url=url).concerns(figure):
            return f"no measured figure; where a published one is meant, give its source_url, such as {url}"
    return "no figure that it is about; it may be mended by now"


def _gone(figure: Figure, amendment: Amendment) -> bool:
    return amendment.action == REMOVED and amendment.concerns(figure)


def _decided(figure: Figure, amendment: Amendment) -> Figure:
    if amendment.value is None or not amendment.concerns(figure):
        return figure
    note = f"corrected from {figure.text}: {amendment.reason}"
    notes = "; ".join(filter(None, [figure.note, note]))
    return replace(figure, value=amendment.value, suspect="", note=notes, sample=None)
