"""The card of a dataset, its README.md: what `load_dataset` and the Hub read of it, and prose for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .card_text import prose
from .errors import DatasetError

FILE = "README.md"
SIZES = (
    ("n<1K", 1_000),
    ("1K<n<10K", 10_000),
    ("10K<n<100K", 100_000),
    ("100K<n<1M", 1_000_000),
    ("1M<n<10M", 10_000_000),
    ("10M<n<100M", 100_000_000),
)
OVER_ALL_SIZES = "100M<n<1B"
LICENCES = frozenset(
    [
        *("apache-2.0", "bsd-2-clause", "bsd-3-clause", "mit", "odbl", "odc-by", "pddl", "unlicense"),
        *("cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0"),
        *("cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0"),
        *("cc-by-nc-sa-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nd-4.0"),
    ]
)
"""What the Hub takes for a licence as it is; every other is ``other`` with a name."""
NO_TEXT, UNKNOWN_LANGUAGE = "zxx", "und"
"""ISO 639: a dataset without texts, and one of texts in whatever language."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How a dataset came about.

    Args:
        made_by: one sentence for people.
        again: the command that makes it again.
        recipe: the name of the recipe; None where the masks were drawn.
        fingerprint: of the recipe; None where no run has fixed it.
        stages: of the recipe, each in a line.
        licence: of the images, an SPDX identifier; None where they differ or nobody said.
        language: of captions and phrases, ISO 639.
        masks: whose they are, where no recipe made them: people drew them; they came with the photographs,
            whoever made them; there are none.
        measured: whether rows have the figures of `bdstr.quality`.
    """

    made_by: str
    again: str | None = None
    recipe: str | None = None
    fingerprint: str | None = None
    stages: tuple[str, ...] = ()
    licence: str | None = None
    language: str = UNKNOWN_LANGUAGE
    masks: Literal["drawn", "given", "none"] = "drawn"
    measured: bool = False


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What the card of a dataset tells.

    Args:
        name: of the dataset.
        rows: split -> how many; None where the split has not been made.
        origin: how it came about.
        categories: the names of its main categories.
        stored_bytes: its Parquet files.
        memory_bytes: their columns, unpacked.
        planned: how many rows it is to have, where it has not been made.
        pretty_name: for people, where it differs from the name.
        content: digest of its Parquet files; see `bdstr.content`.
    """

    name: str
    rows: Mapping[str, int | None]
    origin: Origin
    categories: tuple[str, ...] = ()
    stored_bytes: int | None = None
    memory_bytes: int | None = None
    planned: int | None = None
    pretty_name: str | None = None
    content: str | None = None


def card(facts: DatasetFacts) -> str:
    """The text of a README.md; equal facts give equal text."""
    from datasets import DatasetInfo
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    from .schema import features

    data = DatasetCardData(**_metadata(facts))
    # without counts of rows: by them, `load_dataset` refuses `filters=`, which leave some out
    info = DatasetInfo(
        features=features(facts.categories),
        download_size=facts.stored_bytes,
        dataset_size=facts.memory_bytes,
    )
    DatasetInfosDict({"default": info}).to_dataset_card_data(data)
    return f"---\n{data.to_yaml()}\n---\n\n{prose(facts)}"


def rows_of(folder: Path) -> Mapping[str, int]:
    """Split -> rows, as the card in a dataset's folder says.

    Raises:
        DatasetError: there is no card, or it says nothing of the kind.
    """
    from huggingface_hub import DatasetCard
    from yaml import YAMLError

    file = folder / FILE
    if not file.exists():
        raise DatasetError(
            f"{folder} holds no {FILE}; expected one, which is written when a dataset is finished: "
            "run what makes it again, or see `bdstr status`"
        )
    try:
        rows = DatasetCard(file.read_text("utf-8")).data.get("bdstr")["rows"]
        return {str(split): int(count) for split, count in rows.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, YAMLError) as error:
        raise DatasetError(
            f"{file} does not say how many rows there are; expected them in its metadata, under bdstr: "
            "run what makes the dataset again, and the card is written anew"
        ) from error


def _metadata(facts: DatasetFacts) -> dict[str, Any]:
    total = sum(count or 0 for count in facts.rows.values()) or facts.planned or 0
    size = next((name for name, limit in SIZES if total < limit), OVER_ALL_SIZES)
    # a split of no rows, of which every photograph was rejected, would keep `load_dataset` from the others
    splits = [split for split, count in facts.rows.items() if count != 0] or list(facts.rows)
    files = [{"split": split, "path": f"data/{split}-*.parquet"} for split in splits]
    made = {"annotations_creators": ["machine-generated"]} if facts.origin.recipe else {}
    return {
        "pretty_name": facts.pretty_name or facts.name,
        **licence_metadata(facts.origin.licence),
        "language": [facts.origin.language],
        **made,
        **(_task(bool(made)) if facts.origin.masks != "none" else {}),
        "size_categories": [size],
        "configs": [{"config_name": "default", "data_files": files, **_content(facts.content)}],
        "bdstr": _run(facts),
    }


def _content(content: str | None) -> Mapping[str, str]:
    """Nobody but `datasets` reads it: of a local folder it knows its cache by the metadata alone.

    Without it, the rows of an earlier dataset of the same name, columns and sizes would be given.
    """
    return {} if content is None else {"description": f"Parquet files of the digest {content}"}


def _task(generated: bool) -> Mapping[str, list[str]]:
    more = ["pseudo-labels"] if generated else []
    return {
        "task_categories": ["image-segmentation"],
        "tags": ["salient-object-detection", "saliency", *more],
    }


def licence_metadata(licence: str | None) -> Mapping[str, str]:
    """A licence, an SPDX identifier, as the Hub names it; None where the rows say theirs."""
    if licence is None:
        return {"license": "other", "license_name": "see-the-rows"}
    if licence.lower() in LICENCES:
        return {"license": licence.lower()}
    return {
        "license": "other",
        "license_name": re.sub(r"[^a-z0-9.]+", "-", licence.lower()).strip("-") or "other",
    }


def _run(facts: DatasetFacts) -> dict[str, Any]:
    """What bdstr itself reads again: see `rows_of`."""
    rows = {split: count for split, count in facts.rows.items() if count is not None}
    found = {"recipe": facts.origin.recipe, "fingerprint": facts.origin.fingerprint, "rows": rows or None}
    return {name: value for name, value in found.items() if value is not None}
