"""Lines of CSV files that anybody may have edited."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from bdstr.errors import BoardError

Row = Mapping[str, str]
Line = Row | BoardError
"""The cells by their columns, or what is wrong with them."""


def read_lines(table: Path, columns: tuple[str, ...]) -> list[tuple[int, Line]]:
    """The lines of a CSV file with exactly these columns, and their numbers.

    Args:
        table: UTF-8, with or without a byte order mark.
        columns: what its first line says.

    Raises:
        BoardError: it cannot be read, is no UTF-8, or has other columns.
    """
    try:
        text = table.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BoardError(f"{table} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BoardError(f"{table}: no UTF-8 ({error}); save it as UTF-8") from error
    records = _records(text)
    _, head = next(records, (0, []))
    if head != list(columns):
        found = ", ".join(head) if isinstance(head, list) and head else str(head or "nothing")
        raise BoardError(f"{table}: found the columns {found}; expected {', '.join(columns)}")
    return [(number, _line(cells, columns)) for number, cells in records]


def whole(line: Line) -> Row:
    """The cells of a line.

    Raises:
        BoardError: what is wrong with it.
    """
    if isinstance(line, BoardError):
        raise line
    return line


def _records(text: str) -> Iterator[tuple[int, list[str] | BoardError]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the reader begins anew with the next line
            yield reader.line_num, BoardError(f"{error}; quote a cell from its first letter to its last")
        else:
            if cells:
                yield reader.line_num, cells


def _line(cells: list[str] | BoardError, columns: tuple[str, ...]) -> Line:
    if isinstance(cells, BoardError):
        return cells
    if len(cells) != len(columns):
        return BoardError(f"found {len(cells)} cells; expected {len(columns)}: quote what has a comma in it")
    return dict(zip(columns, cells, strict=True))
