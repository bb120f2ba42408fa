"""``per_image.csv``: the scores of every image."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import ReportError
from ..measures import in_order
from ..report import PerImage, Report, Result
from .csv_text import Cell, csv_text

_NAMES = ("benchmark", "method", "image", "partial")

Row = Mapping[str, str]


def per_image_csv(report: Report) -> str:
    """One row an image: benchmark, method, image, then the measures, so precise that they read back exactly.

    The column ``partial`` says it of every image of a method that was not scored on all of them.

    A measure that was not computed is an empty cell; one that is not defined for an image is ``nan``.
    """
    each = [(result, result.per_image) for result in report.results if result.per_image is not None]
    measures = [m.name for m in in_order({name for _, per_image in each for name in per_image.values})]
    rows = (row for result, per_image in each for row in _rows(result, per_image, measures))
    return csv_text([*_NAMES, *measures], rows)


def _rows(result: Result, per_image: PerImage, measures: Sequence[str]) -> Iterator[list[Cell]]:
    columns = [per_image.values[m].tolist() if m in per_image.values else None for m in measures]
    for i, key in enumerate(per_image.keys):
        cells = ["" if column is None else column[i] for column in columns]
        yield [result.benchmark, result.method, key, "partial" if result.partial else "", *cells]


def with_per_image(report: Report, text: str, where: Path) -> Report:
    """The report with the scores of each image that the text holds.

    Raises:
        ReportError: the text is no ``per_image.csv``, or one of another report.
    """
    rows = _read_rows(text, where)
    results = tuple(
        _with_rows(result, rows.get((result.benchmark, result.method), []), where)
        for result in report.results
    )
    return replace(report, results=results)


def _read_rows(text: str, where: Path) -> dict[tuple[str, str], list[Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows: dict[tuple[str, str], list[Row]] = {}
    try:
        if tuple(reader.fieldnames or ())[: len(_NAMES)] != _NAMES:
            raise ReportError(
                f"{where}: the first columns are not {', '.join(_NAMES)}; write the report again"
            )
        for row in reader:
            if None in row or None in row.values():
                raise ReportError(f"{where}: line {reader.line_num} has not as many cells as the header")
            rows.setdefault((row["benchmark"], row["method"]), []).append(row)
    except csv.Error as error:
        raise ReportError(
            f"{where}: after line {reader.line_num}: {error}; write the report again"
        ) from error
    return rows


def _with_rows(result: Result, rows: Sequence[Row], where: Path) -> Result:
    if not rows:
        return result
    if len(rows) != result.images:
        raise ReportError(
            f"{where}: found {len(rows)} images of {result.method} on {result.benchmark}; report.json says "
            f"{result.images}: the files come from two runs; write the report again"
        )
    measures = [name for name, cell in rows[0].items() if name not in _NAMES and cell != ""]
    try:
        values = {name: np.array([float(row[name]) for row in rows]) for name in measures}
    except ValueError as error:
        raise ReportError(f"{where}: {error}; expected a number for each measure") from error
    return replace(result, per_image=PerImage(tuple(row["image"] for row in rows), values))
