"""Comma-separated values, the same for every table that we write."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from types import SimpleNamespace

Cell = str | int | float


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    r"""CSV with numbers at full precision.

    Names are quoted where CSV asks for it and otherwise stay as they are: a spreadsheet takes one that
    begins with ``=``, ``+``, ``-`` or ``@`` for a formula unless its column is imported as text.

    Example:
        >>> csv_text(["method", "MAE"], [["a,b", 0.1]])
        'method,MAE\n"a,b",0.1\n'
    """
    lines: list[str] = []
    # Before Python 3.13 only this terminator makes the writer quote a name with a carriage return.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)
