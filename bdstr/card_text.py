"""The prose of a card: what is known of a dataset, in words, and what is not known, said as such."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .card_paragraphs import (
    BIASES,
    DRAWN_BIASES,
    FILTER,
    FINGERPRINT,
    HELD_OUT,
    INPUTS,
    NO_BIASES,
    NO_USE,
    NOT_MADE,
    NOT_MEASURED,
    PACKED,
    ROW,
    SOURCE,
    USE,
)

if TYPE_CHECKING:
    from .card import DatasetFacts


def prose(facts: DatasetFacts) -> str:
    """What stands below the metadata."""
    generated, masks = facts.origin.recipe is not None, facts.origin.masks != "none"
    what = "Photographs with a mask of what draws the eye in them." if masks else "Photographs without masks."
    parts = [
        f"# {facts.pretty_name or facts.name}",
        f"{what} {facts.origin.made_by}",
        _counts(facts),
        _loading(facts),
        ROW,
        _making(facts) if generated else PACKED[facts.origin.masks],
        *([SOURCE] if generated else []),
        USE if masks else NO_USE,
        BIASES if generated else (DRAWN_BIASES if masks else NO_BIASES),
        _licences(facts),
        _again(facts),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _counts(facts: DatasetFacts) -> str:
    if all(count is None for count in facts.rows.values()):
        return NOT_MADE.format(planned=facts.planned or 0)
    lines = [f"| {split} | {count or 0:,} |" for split, count in facts.rows.items()]
    held = [HELD_OUT] if "validation" in facts.rows else []
    return "\n".join(["| split | rows |", "|:--|--:|", *lines, *held])


def _loading(facts: DatasetFacts) -> str:
    name = json.dumps(facts.name, ensure_ascii=False)
    return f"""## Loading

```python
from datasets import load_dataset

dataset = load_dataset({name})  # the folder; of the Hub, "ORG/NAME"
```

`streaming=True`, `columns=[...]` and `filters=...` read only what is asked for.
{FILTER.format(name=name).strip() if facts.origin.measured else NOT_MEASURED.strip()}

`bdstr.edges(row["mask"])` gives the edge map and `bdstr.known(row)` the pixels whose label can be trusted."""


def _making(facts: DatasetFacts) -> str:
    fingerprint = f", fingerprint `{facts.origin.fingerprint}`" if facts.origin.fingerprint else ""
    stages = "\n".join(f"{number}. {stage}" for number, stage in enumerate(facts.origin.stages, 1))
    return f"""## How it was made

By the recipe `{facts.origin.recipe}`{fingerprint}. Nobody drew a mask: they are pseudo-labels. The stages:

{stages}"""


def _licences(facts: DatasetFacts) -> str:
    said = (
        f"The images are under `{facts.origin.licence}`, as whoever made the dataset said."
        if facts.origin.licence
        else "The images keep the licences of their sources, which differ or were not said."
    )
    return f"""## Licences of the images

{said} `source` and `licence` of each row say whose an image is; where they are null, nobody said, and the
image may be used only by those who have a right to it from elsewhere. Code and recipes of bdstr are MIT,
which says nothing of the images."""


def _again(facts: DatasetFacts) -> str:
    if facts.origin.again is None:
        return ""
    return f"""## Making it again

```
{facts.origin.again}
```

{INPUTS.strip()}

{FINGERPRINT.strip() if facts.origin.recipe else ""}"""
