"""What stands below a table: its conventions, and whatever a reader must know of a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..conventions import Column, explain
from ..rounding import short
from .choice import family_of
from .heads import column_title
from .layout import Row, Table

SUSPECT, SPREAD, SECOND_HAND = "\u2020", "\u2021", "\u00a7"
"""Behind a figure that may be misprinted, that other sources print otherwise, that no paper vouches for."""

TIED = "="
"""Before a measured figure that cannot be told from a neighbour."""

UNVERIFIED = "Not verified: year and backbone are general knowledge where the source of a figure is silent."
SPREADS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Note:
    """One line.

    Args:
        mark: `TIED`, `SUSPECT`, `SPREAD`, `SECOND_HAND`, or empty where it is about no single figure.
        text: for people, neither LaTeX nor HTML.
        hint: which command says more; for a terminal, not for a paper or a page.
    """

    mark: str
    text: str
    hint: str = ""


def notes(table: Table) -> tuple[Note, ...]:
    """The lines below a table."""
    found = (_conventions, _masks, _intervals, _ties, _unknown, _suspects, _spreads, _second_hand)
    return tuple(note for each in found for note in each(table))


def _conventions(table: Table) -> Iterator[Note]:
    names: dict[str, list[str]] = {}
    for column in table.columns:
        names.setdefault(explain(column.convention), []).append(column.told)
    for what, conventions in names.items():
        unstated = family_of(table.columns[0]) if len(set(conventions)) > 3 else ""
        yield Note("", f"Convention {unstated or '; '.join(dict.fromkeys(conventions))}. {what}")
    if table.left:
        where = f" on {table.benchmarks[0][0]}" if len(table.benchmarks) == 1 else ""
        more = f"{table.left:,} more {'method' if table.left == 1 else 'methods'}"
        yield Note(
            "", f"{more}{where}, which the marks count: shown are the best of each block by the first column."
        )


def _masks(table: Table) -> Iterator[Note]:
    """Which masks are no copy that we know: what is scored on them stands alone."""
    unknown = dict.fromkeys(
        (each.benchmark, each.unknown_masks) for each in table.columns if each.unknown_masks
    )
    for benchmark, masks in unknown:
        yield Note(
            "",
            f"Unknown masks {masks} of {benchmark}: no copy that we know, so that their figures are ranked "
            "among themselves alone.",
        )


def _intervals(table: Table) -> Iterator[Note]:
    """How far other images would move the figures of each benchmark; some formats have no room for each."""
    reach: dict[str, float] = {}
    for column, row, i in _places(table):
        figure = row.cells[i].figure
        if figure and figure.interval:
            far = max(figure.value - figure.interval.low, figure.interval.high - figure.value)
            reach[column.benchmark] = max(reach.get(column.benchmark, 0.0), far)
    if reach:
        said = ", ".join(f"by up to {short(far)} on {benchmark}" for benchmark, far in reach.items())
        yield Note(
            "", f"Other images would move measured figures {said} (95 %).", "--format csv has each interval."
        )


def _ties(table: Table) -> Iterator[Note]:
    if any(cell.tied for row in table.rows for cell in row.cells):
        yield Note(
            TIED,
            "Cannot be told from a neighbour of its column: other images could undo the difference (paired "
            "bootstrap, 95 %). Figures share a rank where that holds of the first of that rank.",
        )


def _unknown(table: Table) -> Iterator[Note]:
    for row in table.rows:
        if row.unknown:
            yield Note("", f"{row.method.title}: {row.unknown}.")


def _suspects(table: Table) -> Iterator[Note]:
    found: dict[str, list[str]] = {}
    for column, row, i in _places(table):
        figure = row.cells[i].figure
        if figure and figure.suspect:
            found.setdefault(figure.suspect, []).append(f"{row.method.title} on {column_title(column)}")
    for reason, places in found.items():
        yield Note(SUSPECT, f"May be misprinted, so never ranked: {', '.join(places)}: {reason}.")


def _spreads(table: Table) -> Iterator[Note]:
    found = []
    for column, row, i in _places(table):
        spread = row.cells[i].spread
        if spread:
            said = f"{row.method.title}, {column_title(column)}: {short(spread[0])} to {short(spread[1])}"
            found.append((spread[0] - spread[1], said))
    if found:
        shown = "; ".join(said for _, said in sorted(found)[:SPREADS_SHOWN])
        rest = len(found) - SPREADS_SHOWN
        more, hint = (f"; and {rest:,} nearer ones", _AUDIT) if rest > 0 else ("", "")
        yield Note(SPREAD, f"Sources of one convention differ: {shown}{more}.", hint)


_AUDIT = "bdstr leaderboard audit lists all."


def _second_hand(table: Table) -> Iterator[Note]:
    found: dict[str, list[str]] = {}
    for column, row, i in _places(table):
        figure = row.cells[i].figure
        if figure and figure.second_hand:
            found.setdefault(figure.source.title, []).append(f"{row.method.title}, {column_title(column)}")
    if found:
        said = "; ".join(f"{', '.join(places)} ({source})" for source, places in found.items())
        yield Note(SECOND_HAND, f"From a page that collects figures, not from the paper: {said}.")


def _places(table: Table) -> Iterator[tuple[Column, Row, int]]:
    for i, column in enumerate(table.columns):
        for row in table.rows:
            yield column, row, i
