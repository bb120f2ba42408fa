"""Rows as what the network learns from: decoded and augmented where the data loader runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import numpy as np
import torch

from ..errors import DatasetError
from .augmentation import augmented, draw, draw_side
from .example import Example, read_example
from .order import Item
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Collate:
    """Makes a batch of rows; a damaged row is left out, and said.

    Args:
        settings: of the run.
        rows: in the whole run.
        mean: of the levels 0 to 1, of red, green and blue: the image processor's.
        std: likewise.
    """

    settings: Settings
    rows: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __call__(self, items: Sequence[Item]) -> dict[str, Any]:
        """The batch.

        Returns:
            ``pixel_values`` float32 ``b 3 s s``, ``labels`` float32 ``b s s`` of 0 to 1, ``known`` bool
            ``b s s`` where not all is, and the ``keys``.

        Raises:
            DatasetError: all rows are damaged.
        """
        first = items[0].number
        side = draw_side(self.settings, first // self.settings.batch, first / self.rows)
        examples = [example for item in items if (example := self._example(item, side))]
        if not examples:
            keys = ", ".join(item.row.key for item in items)
            raise DatasetError(f"no row of a batch can be used ({keys}); expected images that are whole")
        return self._batch(examples)

    def _example(self, item: Item, side: int) -> Example | None:
        try:
            example = read_example(item.row)
        except DatasetError as error:
            click.echo(f"left out {error}", file=sys.stderr)
            return None
        return augmented(example, draw(self.settings, item.epoch, item.row.key), side)

    def _batch(self, examples: Sequence[Example]) -> dict[str, Any]:
        levels = torch.from_numpy(np.stack([example.rgb for example in examples])).permute(0, 3, 1, 2)
        layout = torch.channels_last if self.settings.channels_last else torch.contiguous_format
        mean, std = (torch.tensor(each).view(1, 3, 1, 1) * 255 for each in (self.mean, self.std))
        batch = {
            "pixel_values": ((levels - mean) / std).contiguous(memory_format=layout),
            "labels": torch.from_numpy(np.stack([example.mask for example in examples])).float() / 255,
            "keys": [example.key for example in examples],
        }
        known = np.stack([example.known for example in examples])
        return batch if known.all() else batch | {"known": torch.from_numpy(known)}
