"""Which columns of a Parquet file hold what: as somebody said, or found by name and type."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bdstr.errors import SourceError, UsageError
from sodeval.errors import did_you_mean

Field = Literal["image", "mask", "key", "category", "subcategory", "source", "licence"]
Kind = Literal["image", "text", "number", "other"]

NAMES: Mapping[Field, Sequence[str]] = {
    "image": ("image", "img", "photo", "picture", "jpg", "jpeg"),
    "mask": ("mask", "gt", "label", "ground_truth", "segmentation", "annotation"),
    "key": ("key", "__key__", "image_id", "file_name", "filename"),
    "category": ("category", "label", "class", "class_name", "synset"),
    "subcategory": ("subcategory",),
    "source": ("source",),
    "licence": ("licence", "license"),
}
"""Field -> what its column is usually called."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        name: of it.
        kind: what it holds; a number that stands for one of `classes` is text.
        leaf: of images, where the bytes are.
        path: of images, where it says what their files are called; None where it does not.
        classes: the names behind its numbers, where it has some.
    """

    name: str
    kind: Kind
    leaf: str = ""
    path: str | None = None
    classes: tuple[str, ...] | None = None


Columns = Mapping[Field, Column]


def check_fields(given: Mapping[str, str]) -> dict[Field, str]:
    """Field -> name of its column, as somebody said.

    Raises:
        UsageError: one is no field.
    """
    fields = {field: given[field] for field in NAMES if field in given}
    for name in given.keys() - fields.keys():
        raise UsageError(f"a column for {name!r}, which is no field{did_you_mean(name, NAMES)}")
    return fields


def choose_columns(file: Path, schema: Any, given: Mapping[Field, str], masks: bool = True) -> Columns:
    """Field -> its column.

    Args:
        file: for messages.
        schema: pyarrow's, of the file.
        given: field -> name of its column; an empty name: no column.
        masks: whether masks are wanted.

    Raises:
        SourceError: a column is not there, or of another type; no column, or more than one, could be meant.
    """
    there = {name: _column(name, schema) for name in schema.names}
    found: dict[Field, Column] = {}
    for field in NAMES:
        if field == "mask" and not masks:
            continue
        if field in given:
            column = _given(file, field, given[field], there) if given[field] else None
        else:
            column = _found(file, field, there)
        if column is not None:
            found[field] = column
    if "image" not in found:
        raise SourceError(
            f"{file}: no column of images is called {', '.join(NAMES['image'])}; there are "
            f"{', '.join(there) or 'none'}: name it, --column image=NAME"
        )
    if masks and "mask" not in found and "mask" not in given:
        _refuse_doubt(file, found["image"], there)
    return found


def _given(file: Path, field: Field, name: str, there: Mapping[str, Column]) -> Column:
    if name not in there:
        raise SourceError(f"{file}: no column {name!r}{did_you_mean(name, there)}")
    column = there[name]
    if not _fits(field, column) and not (field == "category" and column.kind == "number"):
        expected = {"image": _IMAGES, "mask": _IMAGES, "key": "texts or whole numbers"}.get(field, "texts")
        raise SourceError(
            f"{file}: the column {name!r} cannot be the {field}: it holds {column.kind}; expected {expected}"
        )
    return column


_IMAGES = "images: bytes, or a struct of bytes and path"


def _found(file: Path, field: Field, there: Mapping[str, Column]) -> Column | None:
    lower = {name.lower(): column for name, column in there.items()}
    fitting = [lower[name] for name in NAMES[field] if name in lower and _fits(field, lower[name])]
    if field in ("image", "mask") and len(fitting) > 1 and fitting[0].name.lower() != field:
        raise SourceError(
            f"{file}: the columns {' and '.join(one.name for one in fitting)} could each be the {field}; "
            f"name the one that is: --column {field}={fitting[0].name}"
        )
    return fitting[0] if fitting else None


def _fits(field: Field, column: Column) -> bool:
    if field in ("image", "mask"):
        return column.kind == "image"
    return column.kind == "text" or (field == "key" and column.kind == "number")


def _refuse_doubt(file: Path, image: Column, there: Mapping[str, Column]) -> None:
    """Images beside the photographs are hardly there for nothing."""
    others = [one.name for one in there.values() if one.kind == "image" and one.name != image.name]
    if others:
        raise SourceError(
            f"{file}: there are images in {', '.join(others)}, too; if they are the masks, say so: "
            f"--column mask={others[0]}; if there are no masks: --column mask="
        )


def _column(name: str, schema: Any) -> Column:
    import pyarrow.types as types

    kind = schema.field(name).type
    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_struct(kind):
        inner = {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)}
        if _is_bytes(inner.get("bytes")):
            return Column(name, "image", f"{name}.bytes", f"{name}.path" if "path" in inner else None)
        return Column(name, "other")
    if _is_bytes(kind):
        return Column(name, "image", name)
    if types.is_integer(kind):
        classes = _class_names(name, schema)
        return Column(name, "number" if classes is None else "text", classes=classes)
    return Column(name, "text" if types.is_string(kind) or types.is_large_string(kind) else "other")


def _is_bytes(kind: Any) -> bool:
    import pyarrow.types as types

    return kind is not None and (types.is_binary(kind) or types.is_large_binary(kind))


def _class_names(name: str, schema: Any) -> tuple[str, ...] | None:
    """What `datasets.ClassLabel` says of a column of numbers."""
    try:
        said = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"][name]
        return tuple(map(str, said["names"])) if said["_type"] == "ClassLabel" else None
    except (LookupError, TypeError, ValueError):
        return None
