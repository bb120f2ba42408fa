"""A row of BDS-TR: the one definition that everything which writes or reads the dataset shares."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .errors import RowError

if TYPE_CHECKING:
    import datasets

NO_CATEGORY = -1
"""Where nothing is known of what stands out: how `datasets.ClassLabel` marks it."""

QUALITY = (
    "area",
    "border",
    "completeness",
    "components",
    "flip_iou",
    "inversion",
)
"""Figures to filter on, each in 0..1 but the number of components; None where it was not measured:

- ``area``: the object's share of the image.
- ``border``: the share of the image's border pixels that are object.
- ``completeness``: the share of the boxes that the object fills.
- ``components``: in how many connected parts.
- ``flip_iou``: agreement with the mask of the mirrored photograph.
- ``inversion``: how much more of the border than of the inside is object; high where object and background
  are mixed up.
"""


def features(categories: Sequence[str] = ()) -> datasets.Features:
    """The columns of a dataset, with their types.

    Args:
        categories: the names of its main categories, in the order of their numbers.
    """
    from datasets import ClassLabel, Features, Image, List, Value

    text, number = Value("string"), Value("float32")
    rle = {"size": List(Value("int32")), "counts": text}
    return Features(
        {
            "key": text,
            "image": Image(),
            "mask": Image(mode="L"),
            "category": ClassLabel(names=list(categories)),
            "subcategory": text,
            "caption": text,
            "phrase": text,
            "instances": List(
                {
                    "box": List(number, length=4),  # x0 y0 x1 y1 in px, the last two just outside
                    "score": number,
                    "phrase": text,
                    "predicted_iou": number,
                    "stability": number,
                    "rle": rle,
                    "alternatives": List({"predicted_iou": number, "rle": rle}),
                }
            ),
            "uncertain": rle,
            "quality": dict.fromkeys(QUALITY, number),
            "source": text,
            "licence": text,
            "sha256": text,
            "recipe": text,
        }
    )


def blank_row(key: str, image: bytes, name: str, mask: bytes | None) -> dict[str, Any]:
    """A row of which no more is known than the photograph and its mask.

    Args:
        key: its name in the dataset.
        image: the file, as it is.
        name: what the file is called.
        mask: a PNG of 0 and 255; None where nobody has made one.
    """
    return {
        "key": key,
        "image": {"bytes": image, "path": name},
        "mask": None if mask is None else {"bytes": mask, "path": None},
        "category": NO_CATEGORY,
        "subcategory": None,
        "caption": None,
        "phrase": None,
        "instances": [],
        "uncertain": None,
        "quality": dict.fromkeys(QUALITY),
        "source": None,
        "licence": None,
        "sha256": hashlib.sha256(image).hexdigest(),
        "recipe": None,
    }


def check_row(row: Mapping[str, Any], categories: Sequence[str] = ()) -> None:
    """Refuses a row that the schema does not allow; pixels are looked at, run lengths decoded.

    Args:
        row: as it is written: images as ``{"bytes", "path"}``.
        categories: as for `features`.

    Raises:
        RowError: names the row and the field, with what was found and what was expected.
    """
    import numpy as np
    from PIL import Image, ImageOps

    from . import rle

    who = f"row {row.get('key')!r}"
    missing = [name for name in features(categories) if name not in row]
    if missing:
        raise RowError(f"{who}: no {', '.join(missing)}; expected every column of the schema")
    image = Image.open(io.BytesIO(row["image"]["bytes"]))
    if row["mask"]:
        mask = np.asarray(Image.open(io.BytesIO(row["mask"]["bytes"])).convert("L"))
        height, width = mask.shape
        if sorted(image.size) != sorted((width, height)):  # a rotation may be in the image's EXIF
            raise RowError(
                f"{who}: an image of {image.size} and a mask of {width, height}; expected one size"
            )
        if not np.isin(np.unique(mask), (0, 255)).all():
            raise RowError(f"{who}: a mask with grey levels; expected 0 and 255")
    else:
        width, height = ImageOps.exif_transpose(image).size
    if not NO_CATEGORY <= row["category"] < max(len(categories), 0):
        raise RowError(f"{who}: category {row['category']} of {len(categories)}; expected -1 or its number")
    for instance in row["instances"]:
        _check_box(instance["box"], width, height, who)
        if instance["rle"] and rle.decode(instance["rle"]).shape != (height, width):
            raise RowError(f"{who}: an instance of another size than the mask or image")
    if hashlib.sha256(row["image"]["bytes"]).hexdigest() != row["sha256"]:
        raise RowError(f"{who}: its sha256 is not that of its image; expected the file as it was read")


def _check_box(box: Sequence[float], width: int, height: int, who: str) -> None:
    x0, y0, x1, y1 = box
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise RowError(f"{who}: the box {list(box)}; expected x0 y0 x1 y1 inside {width} x {height} px")
