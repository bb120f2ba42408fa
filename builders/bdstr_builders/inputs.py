"""What people have, whatever it is: folders of photographs and masks, trees of classes, Parquet files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bdstr.errors import UsageError

from .class_names import read_class_names, with_class_names
from .folder import find_items
from .source import Source
from .tables.columns import Field
from .tables.rows import find_rows
from .tables.shelf import is_table


def find_photographs(
    images: Path,
    masks: Path | None = None,
    *,
    columns: Mapping[Field, str] | None = None,
    splits: Sequence[str] = (),
    class_names: Path | None = None,
    with_masks: bool = True,
) -> Source:
    """The photographs of a folder or of Parquet files.

    A folder with Parquet files in it, or in its folder ``data``, is a table: nothing else of it is read.

    Args:
        images: the folder or file.
        masks: folder of masks of the same names.
        columns: see `find_rows`.
        splits: see `find_rows`.
        class_names: a file of names for classes that are ids; see `read_class_names`.
        with_masks: whether masks in a table are wanted.

    Raises:
        SourceError: it cannot be used; see `find_items`, `find_rows` and `with_class_names`.
        UsageError: columns or splits of a folder of images, or a folder of masks for a table.
    """
    if is_table(images):
        if masks is not None:
            raise UsageError(
                f"{images} is Parquet, with its masks in a column; expected no folder of masks ({masks}): "
                "--column mask=NAME says which column"
            )
        if columns and columns.get("mask") and not with_masks:
            raise UsageError("--column mask is for `bdstr pack`; masks are made here: leave it out")
        found = find_rows(images, columns, splits, with_masks)
    elif columns or splits:
        raise UsageError(
            f"{images} holds no Parquet files; --column and --split are for those: leave them out"
        )
    else:
        found = find_items(images, masks)
    said = "".join(f" --column {field}={shlex.quote(name)}" for field, name in (columns or {}).items())
    found = replace(found, options=said + "".join(f" --split {shlex.quote(split)}" for split in splits))
    if class_names is None:
        return found
    named = with_class_names(found, read_class_names(class_names), str(class_names))
    return replace(named, options=f"{found.options} --class-names FILE")
