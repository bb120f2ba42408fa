"""Rows of Parquet files as photographs: what names and sorts them is read here, their pixels not yet."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bdstr.errors import SourceError, without_path

from ..source import Item, Masks, Source, Unusable
from .cells import Cell, place
from .columns import Columns, Field, choose_columns
from .keys import key_of, keys_of_files, posix
from .shelf import find_files

ROWS_AT_ONCE = 4096


@dataclass(slots=True)
class _Row:
    """What is said of a photograph: of `said`, only what its columns hold."""

    file: Path
    number: int
    key: str | None
    path: str | None
    said: dict[str, str | None]

    @property
    def place(self) -> str:
        return place(self.file, self.number)


def find_rows(
    path: Path, given: Mapping[Field, str] | None = None, splits: Sequence[str] = (), masks: bool = True
) -> Source:
    """The photographs of Parquet files, in the order of their rows, with their masks where they have some.

    Their keys are those of the column of keys; without one, the names of their files where every row says
    one of its own; else the name of the Parquet file and the row's number.

    Args:
        path: a file, or a folder of some.
        given: field -> name of its column, where that is not the usual one.
        splits: see `find_files`.
        masks: whether masks are wanted.

    Raises:
        SourceError: a file is damaged or has other columns than the first, a column is missing, or there are
            no rows.
    """
    files = find_files(path, splits)
    columns = _columns_of_all(files, given or {}, masks)
    rows = [row for file in files for row in _read(file, columns)]
    if not rows:
        raise SourceError(f"{path}: Parquet files without rows; expected photographs")
    how = _name(rows, columns)
    items, unusable = _items(rows, columns)
    _refuse_none(path, items, unusable)
    note = f"{path.name}: {_in_words(columns)}; keys: {how}{_left_aside(files[0], columns)}"
    return Source(tuple(items), _categories(items, columns), tuple(unusable), _masks(columns), notes=(note,))


def _refuse_none(path: Path, items: Sequence[Item], unusable: Sequence[Unusable]) -> None:
    if not items:
        raise SourceError(
            f"{path}: none of its {len(unusable):,} rows can be told from the others ({unusable[0].detail}); "
            "expected a key for each: name another column, --column key=NAME, or none, --column key="
        )


def _masks(columns: Columns) -> Masks:
    return "given" if "mask" in columns else "none"


def _columns_of_all(files: Sequence[Path], given: Mapping[Field, str], masks: bool) -> Columns:
    chosen = [choose_columns(file, _schema(file), given, masks) for file in files]
    for file, columns in zip(files, chosen, strict=True):
        if columns != chosen[0]:
            raise SourceError(
                f"{file}: {_in_words(columns)}; {files[0].name} has {_in_words(chosen[0])}; expected the "
                "same columns, types and classes in all files: make datasets of them one by one"
            )
    return chosen[0]


def _schema(file: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(file)
    except (OSError, pa.ArrowException) as error:
        raise SourceError(
            f"{file} cannot be read: {without_path(error)}; expected Parquet: fetch it again"
        ) from error


def _read(file: Path, columns: Columns) -> Iterator[_Row]:
    """What is said of each row; the columns of pixels are not touched."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file)
        for number, values in enumerate(_values(table, _leaves(columns))):
            yield _row(file, number, values, columns)
    except (OSError, pa.ArrowException) as error:
        raise SourceError(f"{file} is damaged: {error}; expected Parquet: fetch it again") from error


def _leaves(columns: Columns) -> list[str]:
    """What is read of a file: each column once, and of photographs the names of their files."""
    leaves = [column.name for field, column in columns.items() if field not in ("image", "mask")]
    leaves += [columns["image"].path] if columns["image"].path else []
    return list(dict.fromkeys(leaves))


def _values(table: Any, leaves: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    if not leaves:
        yield from ({} for _ in range(table.metadata.num_rows))
        return
    for batch in table.iter_batches(ROWS_AT_ONCE, columns=leaves):
        yield from batch.to_pylist()


def _row(file: Path, number: int, values: Mapping[str, Any], columns: Columns) -> _Row:
    said: dict[str, str | None] = {
        name: _text(values[columns[name].name], columns[name].classes) for name in _SAID if name in columns
    }
    image = values.get(columns["image"].name) or {}
    return _Row(file, number, key_of(values, columns), image.get("path") or None, said)


_SAID: Sequence[Field] = ("category", "subcategory", "source", "licence")


def _text(value: Any, classes: Sequence[str] | None) -> str | None:
    """A value that many rows share, once in memory; of a class its name."""
    if classes is not None and value is not None:
        value = classes[value] if 0 <= value < len(classes) else None
    return sys.intern(str(value)) if value not in (None, "") else None


def _name(rows: Sequence[_Row], columns: Columns) -> str:
    """Gives each row its key where no column does, and says how."""
    if "key" in columns:
        return f"the column {columns['key'].name}"
    keys = keys_of_files([row.path for row in rows])
    how = "the names of their files" if keys else "file and number of the row"
    width = len(str(max(row.number for row in rows)))
    for row, key in zip(
        rows, keys or (f"{row.file.stem}/{row.number:0{width}}" for row in rows), strict=True
    ):
        row.key = key
    return how


def _items(rows: Sequence[_Row], columns: Columns) -> tuple[list[Item], list[Unusable]]:
    count = Counter(row.key for row in rows)
    twice = {row.key: row for row in reversed(rows) if count[row.key] > 1}
    items, unusable = [], []
    for row in rows:
        if row.key is None:
            unusable.append(Unusable(row.place, "no-key", f"nothing in the column {columns['key'].name}"))
        elif row.key in twice:
            detail = f"{row.place}: the key of {twice[row.key].place}, too; expected one row a key"
            unusable.append(Unusable(row.key, "same-name", detail))
        else:
            items.append(_item(row, row.key, columns))
    return items, unusable


def _item(row: _Row, key: str, columns: Columns) -> Item:
    name = posix(row.path or key).name
    mask = Cell(row.file, row.number, columns["mask"].leaf, name) if "mask" in columns else None
    return Item(key, Cell(row.file, row.number, columns["image"].leaf, name), mask, **row.said)


def _categories(items: Sequence[Item], columns: Columns) -> tuple[str, ...]:
    """Of a column of classes all of them, by their numbers; of texts those that there are."""
    if "category" in columns and columns["category"].classes is not None:
        return columns["category"].classes
    return tuple(sorted({item.category for item in items if item.category}))


def _in_words(columns: Columns) -> str:
    return ", ".join(f"{name} from {column.name}" for name, column in columns.items() if name != "key")


def _left_aside(file: Path, columns: Columns) -> str:
    taken = {column.name for column in columns.values()}
    others = [name for name in _schema(file).names if name not in taken]
    return f"; left aside: {', '.join(others)}" if others else ""
