"""What cards say that depends on no figure of theirs."""

from __future__ import annotations

PAPER = (
    "*Boosting Salient Object Detection with Knowledge Distillated from Large Foundation Models* "
    "([arXiv 2501.04582](https://arxiv.org/abs/2501.04582), 2025)"
)

HELD_OUT = """
What is in `validation` follows from the `key` of each row alone, by chance: it says nothing of photographs
of one scene, or nearly the same, which may lie on both sides.
"""

NOT_MADE = """
**Nobody has made this dataset with this code yet.** The {planned:,} images are the size that the source
describes and that `size_categories` names: an aim, not a count. The rows of each split, the names of the
categories, the sizes and the recipe's fingerprint are not known before a run; the card that a run writes
has them. What a run of this size would take is computed in [docs/costs.md](docs/costs.md).
"""

FILTER = """
A filter names the figures inside `quality` by `field`:

```python
from datasets import load_dataset
from pyarrow.compute import field

large = load_dataset({name}, filters=field("quality", "area") > 0.2)
```

A row whose figure is null does not pass. Where no row of a split passes, `load_dataset` ends with
"corresponds to no data"; with `streaming=True` it gives none.
"""

NOT_MEASURED = """
`quality.area` is null in every row, since nothing has measured it, and no row passes a filter on it.
"""

ROW = """
## A row

| column | what it is |
|:--|:--|
| `key` | its name in the dataset |
| `image` | the file as it was, byte for byte |
| `mask` | a PNG of 0 and 255, as large as the image; null where nobody has made one |
| `category`, `subcategory` | of what stands out; -1 where no category is known |
| `caption`, `phrase` | what stands out, as a sentence and as the detector was asked for it |
| `instances` | the objects: box, score, phrase, predicted IoU, stability, mask, alternative masks |
| `uncertain` | pixels whose label cannot be trusted, as run lengths |
| `quality` | figures to filter on: area, border, completeness, components, flip_iou, inversion |
| `source`, `licence` | of the image |
| `sha256` | of the image's file |
| `recipe` | the fingerprint of what made the row |

Boxes are `x0 y0 x1 y1` in px, masks of objects are COCO run lengths. What was not measured or is not known
is null. Photographs that got no row are in `rejects.parquet`, with the stage that refused them, the reason
and the figures until then.
"""

DRAWN = """
## How it was made

The masks were drawn by people and are taken over as they were handed in, made 0 and 255.
"""

GIVEN = """
## How it was made

The masks came with the photographs, in one file, and are taken over as they were, made 0 and 255. Who made
them was not said.
"""

NO_MASKS = """
## How it was made

The photographs are taken over as they were handed in. `bdstr generate FOLDER` makes masks for them.
"""

PACKED = {"drawn": DRAWN, "given": GIVEN, "none": NO_MASKS}
"""Whose masks -> how they came here."""

SOURCE = f"""
## What is the source's, and what is ours

The idea is that of {PAPER}: people write a short text for a part of the images, a captioner fine-tuned on
those texts describes the rest, Grounding DINO turns texts into boxes, SAM turns boxes into masks; the
authors' set, BDS-TR, has about 260,000 images of about 960 categories and more than 3,000 subcategories.
The recipe `bds-tr` is a reconstruction from the paper's abstract and from what others wrote about it; other
recipes share its frame and not its models. None of this is the authors' data.

Not known to us, and therefore **ours**: which images to take, the checkpoints of the models, every prompt,
threshold and filter that stands above, what counts as uncertain, the quality figures, and the columns. No
figure of this dataset is one of the paper's, and no score of the paper is repeated here.
"""

USE = """
## Intended use

Training and pre-training of salient object detection and of foreground segmentation, and research on
pseudo-labels. Do not use it to identify people, to watch them, or where a wrong mask does harm. Do not
report scores *on* pseudo-labels as accuracy: evaluate on benchmarks whose masks people drew.
"""

BIASES = """
## Biases and limits

- What "draws the eye" is what the stages above take for it. Captioners and detectors find what has a common
  English name, is large, sharp and near the centre more often than the rare, the small and the nameless;
  classical saliency finds what is bright and differs from its surroundings.
- Errors of the stages add up: a wrong phrase gives a clean mask of the wrong thing, and thin structures,
  glass, smoke and crowds have coarse outlines. `quality`, the scores of `instances` and `uncertain` are
  there to filter on.
- One mask a photograph: where people would disagree about what stands out, it shows one answer.
- Photographs show people and places as their source does, unevenly over countries, ages and skin tones.
  Nobody has balanced that or measured it here.
- Images near to benchmarks' test images may be among them, but for those of the benchmarks that a stage above
  checks against; crops and mirrored copies of these may be among them all the same.
"""

DRAWN_BIASES = """
## Biases and limits

What counts as salient is what those who made the masks took for it; photographs show people and places as
their source does. Neither has been measured here.
"""

NO_USE = """
## Intended use

To make masks for. Do not use it to identify people, or to watch them.
"""

NO_BIASES = """
## Biases and limits

Photographs show people and places as their source does; that has not been measured here.
"""

FINGERPRINT = """
The fingerprint holds the stages, their versions and parameters, the seed, and of models on the Hub the commit
that `main` was when the run began, of others what their files hold;
`sha256` of each row holds the image. Equal ones give equal rows on one machine; models differ in the last
digits between kinds of machines.
"""

INPUTS = """
IMAGES is a folder of photographs, one of folders that are classes (`--class-names` gives names to ids), or
Parquet files with photographs in a column.
"""
