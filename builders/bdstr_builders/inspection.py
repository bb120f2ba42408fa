"""A dataset as pictures: some rows with mask, boxes and texts, and how its figures are spread."""

from __future__ import annotations

import base64
import html
import io
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from bdstr.errors import DatasetError
from sodeval.outputs.atomic import write_atomically

from .spread import figures_png, spread_of

THUMB_PX = 320
MASK_COLOUR = (204, 121, 167)
BOX_COLOUR = (213, 94, 0)
"""Of Okabe and Ito: told apart by everybody."""

Row = Mapping[str, Any]
Pixels = UInt8[np.ndarray, "h w 3"]


def write_inspection(dataset: Path, out: Path, sample: int, seed: int) -> list[Path]:
    """Writes ``index.html``, ``sheet.jpg`` and ``figures.png``.

    Raises:
        DatasetError: the folder holds no rows.
        OutputError: a file cannot be written.
    """
    import pyarrow.parquet as pq

    files = sorted(dataset.glob("data/*.parquet"))
    counts = [pq.ParquetFile(file).metadata.num_rows for file in files]
    total = sum(counts)
    if not total:
        raise DatasetError(f"{dataset}: no rows in data/*.parquet; expected what `bdstr generate` writes")
    picked = sorted(random.Random(seed).sample(range(total), min(sample, total)))
    rows = _rows_at(files, counts, picked)
    sheet, figures = _jpeg(contact_sheet([draw(row) for row in rows])), figures_png(spread_of(files))
    page = _page(dataset.name, total, rows, sheet, figures)
    for name, data in (("sheet.jpg", sheet), ("figures.png", figures), ("index.html", page)):
        write_atomically(out / name, data)
    return [out / name for name in ("index.html", "sheet.jpg", "figures.png")]


def _rows_at(files: Sequence[Path], counts: Sequence[int], places: Sequence[int]) -> list[Row]:
    import pyarrow.parquet as pq

    rows, start = [], 0
    for file, count in zip(files, counts, strict=True):
        here = [place - start for place in places if start <= place < start + count]
        if here:
            rows += pq.read_table(file).take(here).to_pylist()
        start += count
    return rows


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


def contact_sheet(pictures: Sequence[Pixels], columns: int = 6) -> UInt8[np.ndarray, "down across 3"]:
    """The pictures in rows, each centred in a square."""
    gap = 8
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    cell = THUMB_PX + gap
    sheet = np.full((rows * cell + gap, columns * cell + gap, 3), 255, np.uint8)
    for i, picture in enumerate(pictures):
        height, width = picture.shape[:2]
        top = gap + (i // columns) * cell + (THUMB_PX - height) // 2
        left = gap + (i % columns) * cell + (THUMB_PX - width) // 2
        sheet[top : top + height, left : left + width] = picture
    return sheet


def _jpeg(pixels: Pixels) -> bytes:
    memory = io.BytesIO()
    Image.fromarray(pixels).save(memory, "JPEG", quality=88)
    return memory.getvalue()


def _in_figures(area: float | None) -> str:
    return "not measured" if area is None else f"{area:.3f}"


def _page(name: str, total: int, rows: Sequence[Row], sheet: bytes, figures: bytes) -> str:
    listed = "\n".join(
        f"<tr><td>{html.escape(row['key'])}</td><td>{html.escape(row['caption'] or '')}</td>"
        f"<td>{len(row['instances'])}</td><td>{_in_figures(row['quality']['area'])}</td></tr>"
        for row in rows
    )
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{html.escape(name)}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; color: #222 }}
body {{ margin: 2rem auto; max-width: 1180px; padding: 0 1rem }}
img {{ max-width: 100% }} table {{ border-collapse: collapse }}
td, th {{ padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd }}
</style>
<h1>{html.escape(name)}</h1>
<p>{total:,} rows; {len(rows):,} of them drawn: the mask in purple, boxes in orange.</p>
<img alt="Contact sheet" src="data:image/jpeg;base64,{base64.b64encode(sheet).decode()}">
<h2>Figures of all rows</h2>
<img alt="Histograms" src="data:image/png;base64,{base64.b64encode(figures).decode()}">
<h2>The rows above, left to right</h2>
<table><tr><th>key</th><th>caption</th><th>boxes</th><th>area</th></tr>
{listed}
</table>
</html>
"""
