"""Answers as a table for people: CSV out and in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bdstr.errors import SourceError
from sodeval.errors import did_you_mean

from .answers import FIELDS, Answer, answer_of

_TRUE, _FALSE = "true", "false"


def to_csv(answers: Iterable[Answer]) -> Iterator[str]:
    r"""The answers as CSV, a header first, one piece of text for each.

    Example:
        >>> list(to_csv([Answer("a", 'a "red" ball')]))[1]
        'a,"a ""red"" ball",done,,,true,,,,false\r\n'
    """
    yield _csv_line(FIELDS)
    for answer in answers:
        entry = answer.to_json()
        yield _csv_line([_cell(entry[name]) for name in FIELDS])


def _csv_line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    return "" if value is None else str(value)


def from_csv(text: str, name: str) -> list[Answer]:
    r"""The answers of a table with at least the columns key and text.

    Args:
        text: as spreadsheets write it, with commas, semicolons or tabs.
        name: of the file, for messages.

    Raises:
        SourceError: a column is missing; or a cell is not what it should be, or in a column that no answer
            has; names the line.

    Example:
        >>> from_csv("key;text\na;a dog\n", "table.csv")[0].text
        'a dog'
    """
    header = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count), strict=True)
    answers = []
    try:
        missing = {"key", "text"} - set(rows.fieldnames or ())
        if missing:
            raise SourceError(
                f"{name}: no column {' and '.join(sorted(missing))} in {header.strip()[:80]!r}; expected a "
                "first line with at least key,text"
            )
        for row in rows:
            answers.append(_answer_of(row, f"{name}: line {rows.line_num}"))
    except csv.Error as error:
        raise SourceError(f"{name}: line {rows.line_num}: {error}; expected a table as CSV") from error
    return answers


def _answer_of(row: Mapping[Any, Any], where: str) -> Answer:
    if None in row or None in row.values():
        raise SourceError(
            f"{where} has more or fewer cells than the first; is a text with a comma in quotes?"
        )
    filled = {name: value for name, value in row.items() if value != "" or name == "text"}
    for name in filled:
        if name not in FIELDS:
            raise SourceError(f"{where}: nothing is called {name!r}{did_you_mean(name, FIELDS)}")
    if "key" not in filled:
        raise SourceError(f"{where}: no key; expected the name of a photograph without its extension")
    if filled.get("status", "done") == "done" and not filled["text"].strip():
        raise SourceError(f"{where}: no text; expected one, or skipped in a column status")
    return answer_of(filled | _typed(filled, where), where)


def _typed(row: Mapping[str, str], where: str) -> dict[str, Any]:
    """What is no string."""
    typed: dict[str, Any] = {}
    if "seconds" in row:
        try:
            typed["seconds"] = float(row["seconds"].replace(",", "."))
        except ValueError as error:
            raise SourceError(f"{where}: seconds is {row['seconds']!r}; expected a number") from error
    if "repeat" in row:
        typed["repeat"] = {_TRUE: True, _FALSE: False}.get(row["repeat"].lower(), row["repeat"])
    return typed
