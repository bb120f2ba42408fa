"""Rows as one picture: each photograph with its mask and boxes, and what is said of it below."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont, ImageOps

THUMB_PX = 320
LINE_PX = 22
GAP_PX = 8
MASK_COLOUR = (204, 121, 167)
BOX_COLOUR = (213, 94, 0)
"""Of Okabe and Ito: told apart by everybody."""

Row = Mapping[str, Any]
Pixels = UInt8[np.ndarray, "_ _ 3"]
"""Height and width in px without names, which would be the same for all pictures of a sheet."""


def draw(row: Row) -> Pixels:
    """A row's photograph with its mask, if any, in purple and its boxes in orange, longer side `THUMB_PX`."""
    photo = ImageOps.exif_transpose(Image.open(io.BytesIO(row["image"]["bytes"]))).convert("RGB")
    scale = THUMB_PX / max(photo.size)
    size = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
    pixels = np.asarray(photo.resize(size, Image.Resampling.BILINEAR)).copy()
    if row["mask"]:
        mask = Image.open(io.BytesIO(row["mask"]["bytes"])).convert("L")
        salient = np.asarray(mask.resize(size, Image.Resampling.NEAREST)) > 0
        pixels[salient] = (0.4 * pixels[salient] + 0.6 * np.array(MASK_COLOUR)).astype(np.uint8)
    for instance in row["instances"]:
        x0, y0, x1, y1 = (round(side * scale) for side in instance["box"])
        cv2.rectangle(pixels, (x0, y0), (x1 - 1, y1 - 1), BOX_COLOUR, 2)
    return pixels


def text_of(row: Row) -> str:
    """What is said of a row: its caption, or else its phrase, or else the end of its key."""
    return str(row["caption"] or row["phrase"] or row["key"].rpartition("/")[2])


def contact_sheet(pictures: Sequence[Pixels], texts: Sequence[str], columns: int = 6) -> Image.Image:
    """The pictures in rows, each centred in a square, with a line of text below."""
    columns = min(columns, len(pictures))
    across, down = THUMB_PX + GAP_PX, THUMB_PX + GAP_PX + LINE_PX
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * across + GAP_PX, rows * down + GAP_PX), "white")
    pen, font = ImageDraw.Draw(sheet), _font()
    for number, (picture, text) in enumerate(zip(pictures, texts, strict=True)):
        height, width = picture.shape[:2]
        left, top = GAP_PX + number % columns * across, GAP_PX + number // columns * down
        place = (left + (THUMB_PX - width) // 2, top + (THUMB_PX - height) // 2)
        sheet.paste(Image.fromarray(picture), place)
        line = _fitting(text, font)
        pen.text((left + THUMB_PX // 2, top + THUMB_PX + 3), line, fill="#222", font=font, anchor="ma")
    return sheet


def _font() -> ImageFont.FreeTypeFont:
    """Matplotlib's, which has more scripts than Pillow's own."""
    from matplotlib.font_manager import findfont

    return ImageFont.truetype(findfont("DejaVu Sans"), 14)


def _fitting(text: str, font: ImageFont.FreeTypeFont) -> str:
    """As much of a text as one line below a picture holds."""
    line = " ".join(text.split())[:200]
    if font.getlength(line) <= THUMB_PX:
        return line
    while font.getlength(f"{line}…") > THUMB_PX:
        line = line[:-1]
    return f"{line.rstrip()}…"
