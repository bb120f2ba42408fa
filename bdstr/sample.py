"""The packaged sample: the annotated photographs of the demo as a real dataset of a few rows."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from pathlib import Path
from uuid import uuid4

import numpy as np
from jaxtyping import Bool

from sodeval._version import __version__

from .card import DatasetFacts, Origin, card
from .content import content_of, digest_of
from .parquet import to_parquet
from .schema import blank_row

FILE = "train-00000-of-00001.parquet"


def sample_folder() -> Path:
    """The folder of the sample; made when it is first asked for, in the user's cache.

    Raises:
        MissingExtraError: scikit-image and scikit-learn, which carry the photographs, are not installed.
    """
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "bdstr" / f"sample-{__version__}-{_contents_digest()}" / "bds-tr"
    if not (folder / "README.md").exists():
        _write(folder)
    return folder


def _contents_digest() -> str:
    from importlib.resources import files

    names = ("card", "card_paragraphs", "card_text", "content", "masks", "parquet", "quality", "rle")
    here = [Path(__file__).with_name(f"{name}.py") for name in (*names, "sample", "schema")]
    annotations = files("sodeval.demo").joinpath("annotations.json").read_bytes()
    digest = hashlib.blake2b(annotations, digest_size=6)
    for file in here:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _write(folder: Path) -> None:
    """Written aside and moved in place: two processes may ask at once, and a killed one leaves no half."""
    rows, categories = sample_rows()
    aside = folder.with_name(f".{folder.name}.{uuid4().hex}")
    (aside / "data").mkdir(parents=True)
    data = to_parquet(rows, categories)
    (aside / "data" / FILE).write_bytes(data)
    origin = Origin("A sample: outlines, boxes and texts drawn by hand.", language="en", measured=True)
    content = content_of({FILE: digest_of(data)})
    facts = DatasetFacts("bds-tr", {"train": len(rows)}, origin, tuple(categories), content=content)
    (aside / "README.md").write_text(card(facts), "utf-8")
    try:
        aside.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(aside)
        if not (folder / "README.md").exists():
            raise


def sample_rows() -> tuple[list[dict[str, object]], list[str]]:
    """The rows, and the names of their categories."""
    from PIL import Image

    from sodeval.demo.photographs import draw_mask, load_pixels, read_photographs

    from . import rle
    from .masks import mask_png
    from .quality import measure

    photographs = read_photographs()
    categories = sorted({photograph.category for photograph in photographs})
    rows: list[dict[str, object]] = []
    for photograph in photographs:
        memory = io.BytesIO()
        Image.fromarray(load_pixels(photograph)).save(memory, "PNG")
        mask = draw_mask(photograph)
        row = blank_row(photograph.key, memory.getvalue(), f"{photograph.key}.png", mask_png(mask))
        instance = {
            "box": [float(side) for side in photograph.box],
            "score": None,
            "phrase": photograph.text,
            "predicted_iou": None,
            "stability": None,
            "rle": rle.encode(np.asarray(mask)),
            "alternatives": [],
        }
        rows.append(
            row
            | {
                "category": categories.index(photograph.category),
                "caption": photograph.text,
                "phrase": photograph.text,
                "instances": [instance],
                "source": photograph.source,
                "licence": photograph.licence,
                "quality": row["quality"] | measure(mask > 0, _inside(photograph.box, mask.shape)),
            }
        )
    return rows, categories


def _inside(box: tuple[int, int, int, int], shape: tuple[int, int]) -> Bool[np.ndarray, "h w"]:
    x0, y0, x1, y1 = box
    inside = np.zeros(shape, bool)
    inside[y0:y1, x0:x1] = True
    return inside
