"""Rows to learn from: bright blocks on dark noise, written as a dataset of bdstr or of somebody else."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bdstr.parquet import to_parquet
from bdstr.schema import blank_row

SIDE = 48


def scene(seed: int, height: int = SIDE, width: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """A photograph of a bright block, and the block's mask."""
    rng = np.random.default_rng(seed)
    photo = rng.integers(0, 70, (height, width, 3), np.uint8)
    mask = np.zeros((height, width), np.uint8)
    top, left = rng.integers(4, height // 2), rng.integers(4, width // 2)
    mask[top : top + height // 2, left : left + width // 2] = 255
    photo[mask > 0] = rng.integers(180, 255, (int((mask > 0).sum()), 3), np.uint8)
    return photo, mask


def png(pixels: np.ndarray) -> bytes:
    memory = io.BytesIO()
    Image.fromarray(pixels).save(memory, "PNG")
    return memory.getvalue()


def row(seed: int, **other: Any) -> dict[str, Any]:
    photo, mask = scene(seed)
    made = blank_row(f"scene/{seed:03}", png(photo), f"{seed:03}.png", png(mask))
    return made | other


def cell(data: bytes | None) -> dict[str, Any]:
    return {"bytes": data, "path": None}


def write_dataset(folder: Path, rows: Iterable[Mapping[str, Any]], files: int = 2) -> Path:
    """A folder of Parquet files, as the dataset has it."""
    rows = list(rows)
    folder.mkdir(parents=True)
    for number in range(files):
        name = f"train-{number:05}-of-{files:05}.parquet"
        size = -(-len(rows) // files)
        (folder / name).write_bytes(to_parquet(rows[number * size : (number + 1) * size]))
    return folder


def write_pairs(folder: Path, count: int) -> Path:
    """Images with masks beside them and a table that names both: no dataset of ours."""
    folder.mkdir(parents=True)
    lines = []
    for seed in range(count):
        photo, mask = scene(seed)
        (folder / f"{seed}.png").write_bytes(png(photo))
        (folder / f"{seed}_mask.png").write_bytes(png(mask))
        lines.append(json.dumps({"file_name": f"{seed}.png", "mask_file_name": f"{seed}_mask.png"}))
    (folder / "metadata.jsonl").write_text("\n".join(lines))
    return folder
