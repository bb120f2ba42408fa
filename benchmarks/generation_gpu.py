"""The chain of the recipe `bds-tr` on a GPU, in batches and one photograph at a time.

The models are as large as the real ones, with random weights: what a photograph shows makes no difference
to how long it takes. ``--tiny`` takes small models and any device: a trial of this program, no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from bdstr_builders.draft import Instance, Rejected
from bdstr_builders.folder import find_items
from bdstr_builders.pipeline import Generating, Made
from bdstr_builders.placement import place
from bdstr_builders.recipe import Recipe
from bdstr_builders.source import Item
from bdstr_builders.stages.blip import Blip
from bdstr_builders.stages.grounding_dino import GroundingDino
from bdstr_builders.stages.sam import Sam
from benchmarks.clock import seconds
from benchmarks.figures import Figure
from benchmarks.flops import H100_TFLOP_A_SECOND, TFLOP_AN_IMAGE
from benchmarks.machine import versions
from benchmarks.program import parser, publish
from benchmarks.random_models import REAL, TINY, Sizes, save_models
from benchmarks.table import markdown

PHOTO_PX = (1066, 1600)
BOXES = 3
"""For each photograph; random weights find none, or hundreds."""
PACKAGES = ("numpy", "torch", "transformers")
BATCHED = Figure("`bds-tr` in batches", "images/s", "one photograph at a time", asked=5, rate=True)
LIMIT = Figure("`bds-tr` in batches", "images/s", "what an H100 can compute", asked=0.25, aim=0.4, rate=True)


@dataclass(frozen=True, slots=True)
class BestBoxes(GroundingDino):
    """Grounding DINO that keeps its best few boxes, whatever their scores."""

    name: ClassVar[str] = "ground.best"

    def choose(self, question: Any, answers: Any) -> tuple[Instance, ...]:
        """The boxes of the highest scores, at least a pixel large."""
        scores = answers.likely.max(1)
        best = np.argsort(-scores, kind="stable")[:BOXES]
        corners = answers.boxes[best]
        corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2] + 1)
        return tuple(
            Instance((*map(float, box),), float(score))  # type: ignore[arg-type]
            for box, score in zip(corners, scores[best], strict=True)
        )


def chain(models: Mapping[str, str], batches: tuple[int, int, int]) -> Recipe:
    """The three models, each with its batch, in the precisions of the recipe `bds-tr`."""
    blip, dino, sam = batches
    stages: tuple[Any, ...] = (
        Blip(model=models["blip"], batch=blip),
        BestBoxes(model=models["dino"], batch=dino),
        Sam(model=models["sam"], batch=sam),
    )
    return place(Recipe("bench", 7, stages))


def draw_photographs(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Photographs of smooth noise, which decode about as fast as real ones."""
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (size[0] // 16, size[1] // 16, 3), np.uint8))
        coarse.resize(size[::-1], Image.Resampling.BICUBIC).save(folder / f"{i:04}.jpg", quality=90)


def rate(recipe: Recipe, items: tuple[Item, ...], at_a_time: int) -> float:
    """Images a second from files to rows, after one call to warm up."""
    make = Generating(recipe).build()
    parts = [items[start : start + at_a_time] for start in range(0, len(items), at_a_time)]
    _refuse_skipped(make(parts[0]))
    return len(items) / seconds(lambda: _refuse_skipped(one for part in parts for one in make(part)))


def _refuse_skipped(made: Iterable[Made]) -> None:
    """A photograph that a model never saw would count as a fast one; random masks may well be empty."""
    for one in made:
        if isinstance(one, Rejected) and one.reason != "empty-mask":
            raise RuntimeError(f"{one.key}: {one.stage}: {one.reason}: {one.detail}; expected a row")


def measure(root: Path, sizes: Sizes, count: int, photo_px: tuple[int, int]) -> list[Figure]:
    """The figures."""
    models = save_models(root / "models", sizes)
    (root / "images").mkdir()
    draw_photographs(root / "images", count, photo_px)
    items = find_items(root / "images").items
    batched = rate(chain(models, (16, 8, 4)), items, count)
    plain = rate(chain(models, (1, 1, 1)), items[: max(1, count // 4)], 1)
    limit = H100_TFLOP_A_SECOND / sum(TFLOP_AN_IMAGE.values())
    extent = f"{count} photographs"
    return [BATCHED.measured(batched, plain, extent), LIMIT.measured(batched, limit, extent)]


def main() -> None:
    """Measures, or says why not; a trial is no figure and renews nothing."""
    import torch

    options = parser(__doc__)
    options.add_argument("--tiny", action="store_true", help="small models, on any device: a trial")
    options.add_argument("--images", type=int, default=256)
    given = options.parse_args()
    if not (given.tiny or torch.cuda.is_available()):
        figures = [figure.not_run("no GPU") for figure in (BATCHED, LIMIT)]
    else:
        with TemporaryDirectory() as temporary:
            sizes, photo_px = (TINY, (64, 96)) if given.tiny else (REAL, PHOTO_PX)
            figures = measure(Path(temporary), sizes, 64 if given.short else given.images, photo_px)
    if given.tiny:
        print(markdown(figures), "tiny models: no figure of anything", sep="\n")
    else:
        publish({"generation-gpu": figures}, given, versions(PACKAGES))


if __name__ == "__main__":
    main()
