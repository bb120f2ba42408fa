"""``unknown.csv``: methods that a reader looks for and of which no figure could be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bdstr.errors import BoardError

from .conventions import SUPERVISIONS
from .figure import Method
from .lines import read_lines, whole
from .published import LeftOut, one_of, refuse_words, year_of

COLUMNS = ("method", "variant", "supervision", "year", "paper", "reason")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A method whose row stays empty.

    Args:
        method: what it is.
        reason: why no figure of it is shown.
    """

    method: Method
    reason: str


def read_unknown(table: Path) -> tuple[list[Unknown], list[LeftOut]]:
    """The methods of a table. A line that is wrong is left out and told.

    Raises:
        BoardError: the file cannot be read, or has other columns.
    """
    found, left_out = [], []
    for number, line in read_lines(table, COLUMNS):
        try:
            found.append(_unknown(whole(line)))
        except BoardError as error:
            left_out.append(LeftOut(f"{table.name}, line {number}", str(error)))
    return found, left_out


def _unknown(row: Mapping[str, str]) -> Unknown:
    if not row["method"] or not row["reason"]:
        raise BoardError("method, reason: found nothing; expected a name, and why there is no figure")
    method = Method(
        name=row["method"],
        variant=row["variant"],
        supervision=one_of("supervision", row["supervision"], SUPERVISIONS),
        year=year_of(row["year"]),
        paper=row["paper"],
    )
    refuse_words(row, method)
    return Unknown(method, row["reason"])
