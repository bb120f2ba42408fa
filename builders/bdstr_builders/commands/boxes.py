"""``bdstr boxes``: annotations from drawn masks."""

from __future__ import annotations

import json
from pathlib import Path

import click
import cv2
import numpy as np
from jaxtyping import UInt8

from sodeval.outputs.atomic import write_atomically

from ..counted import counted
from ..decoding import RejectedError
from ..folder import find_items
from ..photo import read_mask
from .running import say_unused

MIN_PART = 0.001
"""A connected part that is a smaller share of the image gets no box of its own."""


@click.command()
@click.argument("masks", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="JSON lines.")
def boxes(masks: Path, out: Path) -> int:
    """Write the boxes around the parts of drawn masks as annotations for `generate`.

    \b
    Example:
      bdstr boxes ECSSD/gt --out boxes.jsonl
    """
    source, lines = find_items(masks), []
    left_out = say_unused(source)
    for item in source.items:
        try:
            found = boxes_of(read_mask(item.image))
        except RejectedError as error:
            click.echo(f"{item.image}: {error}", err=True)
            left_out += 1
            continue
        lines.append(json.dumps({"key": item.key, "boxes": found}))
    write_atomically(out, "\n".join([*lines, ""]))
    click.echo(
        f"{out}: boxes for {counted(len(lines), 'mask')}" + (f", {left_out:,} left out" if left_out else "")
    )
    return 3 if left_out else 0


def boxes_of(mask: UInt8[np.ndarray, "h w"]) -> list[list[int]]:
    """x0 y0 x1 y1 around each connected part, in px; the last two just outside.

    Example:
        >>> boxes_of(np.array([[0, 255, 0], [0, 255, 0]], np.uint8))
        [[1, 0, 2, 2]]
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    parts = [part for part in stats[1:].tolist() if part[cv2.CC_STAT_AREA] >= MIN_PART * mask.size]
    return [[x, y, x + width, y + height] for x, y, width, height, _ in parts]
