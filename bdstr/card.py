"""The README.md of a dataset's folder: what `load_dataset` and the Hub read of it, and prose for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SIZES = (("n<1K", 1_000), ("1K<n<10K", 10_000), ("10K<n<100K", 100_000), ("100K<n<1M", 1_000_000))


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What the card of a dataset tells.

    Args:
        name: of the dataset.
        rows: split -> how many.
        made_by: one sentence: a recipe, or packed from folders.
        licence: of the images, an SPDX identifier; None where they differ or nobody said.
    """

    name: str
    rows: Mapping[str, int]
    made_by: str
    licence: str | None = None


def card(facts: DatasetFacts) -> str:
    """The text of a README.md; `load_dataset` takes the files of each split from it."""
    total = sum(facts.rows.values())
    size = next((name for name, limit in SIZES if total < limit), "n>1M")
    files = "\n".join(f"  - split: {split}\n    path: data/{split}-*.parquet" for split in facts.rows)
    counts = "\n".join(f"| {split} | {count:,} |" for split, count in facts.rows.items())
    licence = (
        f"license: {facts.licence.lower()}" if facts.licence else "license: other\nlicense_name: see-the-rows"
    )
    return f"""---
{licence}
pretty_name: {facts.name}
task_categories:
- image-segmentation
tags:
- salient-object-detection
- saliency
- pseudo-labels
size_categories:
- {size}
configs:
- config_name: default
  data_files:
{files}
---

# {facts.name}

Photographs with a mask of what draws the eye in them. {facts.made_by}

| split | rows |
|:--|--:|
{counts}

```python
from datasets import load_dataset

dataset = load_dataset("{facts.name}")
```

`bdstr.edges(row["mask"])` gives the edge map and `bdstr.known(row)` the pixels whose label can be trusted.
Images are the files as they were, byte for byte; `source` and `licence` of each row say whose they are.
"""
