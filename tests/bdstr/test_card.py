"""The card: what the Hub and `load_dataset` read of it, and what it must not claim."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import datasets
import pytest
from huggingface_hub import DatasetCard

from bdstr.card import DatasetFacts, Origin, card, rows_of
from bdstr.errors import DatasetError
from bdstr.parquet import to_parquet
from bdstr.schema import blank_row, features

ROOT = Path(__file__).parents[2]
RECIPE = Origin(
    "By a recipe.",
    again="bdstr generate IMAGES --recipe offline --out FOLDER",
    recipe="offline",
    fingerprint="0123456789abcdef",
    stages=("`segment.grabcut`, version 1",),
)


def facts(**changes: Any) -> DatasetFacts:
    fields: dict[str, Any] = {
        "name": "ds",
        "rows": {"train": 3},
        "origin": RECIPE,
        "categories": ("a", "b: c"),
    }
    return DatasetFacts(**fields | changes)


def metadata(text: str) -> dict[str, Any]:
    found: dict[str, Any] = DatasetCard(text).data.to_dict()
    return found


def test_the_metadata_is_filled_and_says_what_the_rows_are() -> None:
    found = metadata(card(facts(stored_bytes=10, memory_bytes=20)))
    assert found["task_categories"] == ["image-segmentation"]
    assert found["size_categories"] == ["n<1K"]
    assert found["language"] == ["und"]
    assert found["annotations_creators"] == ["machine-generated"]
    assert "pseudo-labels" in found["tags"]
    assert found["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*.parquet"}]
    assert found["bdstr"] == {"recipe": "offline", "fingerprint": "0123456789abcdef", "rows": {"train": 3}}
    info = datasets.DatasetInfo._from_yaml_dict(found["dataset_info"])
    assert info.features == features(("a", "b: c"))
    assert (info.download_size, info.dataset_size) == (10, 20)


def test_the_digest_of_the_content_is_where_datasets_tells_its_caches_apart_by() -> None:
    (config,) = metadata(card(facts(content="ab12")))["configs"]
    assert config.pop("description") == "Parquet files of the digest ab12"
    assert [config] == metadata(card(facts()))["configs"]


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (260_000, "100K<n<1M"),
        (1_000_000, "1M<n<10M"),
        (14_000_000, "10M<n<100M"),
    ],
)
def test_the_size_category_is_that_of_all_rows(rows: int, size: str) -> None:
    found = metadata(card(facts(rows={"train": rows - 1, "validation": 1})))
    assert found["size_categories"] == [size]


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        (None, {"license": "other", "license_name": "see-the-rows"}),
        ("CC-BY-4.0", {"license": "cc-by-4.0"}),
        ("DUTS: research only!", {"license": "other", "license_name": "duts-research-only"}),
        ("€", {"license": "other", "license_name": "other"}),
    ],
)
def test_a_licence_that_the_hub_does_not_know_is_other_with_its_name(
    licence: str | None, expected: dict[str, str]
) -> None:
    found = metadata(card(facts(origin=Origin("By hand.", licence=licence))))
    assert {name: value for name, value in found.items() if name.startswith("license")} == expected


def test_drawn_masks_are_not_called_pseudo_labels() -> None:
    drawn = card(facts(origin=Origin("By hand.")))
    assert "pseudo-labels" not in metadata(drawn)["tags"]
    assert "annotations_creators" not in metadata(drawn)
    assert "they are pseudo-labels" in card(facts())
    assert "they are pseudo-labels" not in drawn


def test_photographs_without_masks_are_not_called_anything_else() -> None:
    plain = card(facts(origin=Origin("Nobody has made masks for them.", masks="none")))
    assert not {"task_categories", "tags", "annotations_creators"} & set(metadata(plain))
    assert "bdstr generate FOLDER" in plain
    given = card(facts(origin=Origin("They came along.", masks="given")))
    assert "drawn by people" not in plain + given
    assert "Who made\nthem was not said" in given


def test_a_split_without_rows_is_told_and_not_loaded() -> None:
    text = card(facts(rows={"train": 3, "validation": 0}))
    assert metadata(text)["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*.parquet"}]
    assert "| validation | 0 |" in text


@pytest.mark.parametrize("name", ["a: b", "- x", 'with "quotes"', "#1", "ключ", "{a}", "2026"])
def test_any_name_of_a_folder_gives_a_card_that_can_be_read(name: str, tmp_path: Path) -> None:
    text = card(facts(name=name))
    assert metadata(text)["pretty_name"] == name
    (tmp_path / "README.md").write_text(text, "utf-8")
    assert rows_of(tmp_path) == {"train": 3}
    (call,) = re.findall(r"^dataset = load_dataset\((.*)\)  #", text, re.MULTILINE)
    assert eval(call) == name


def test_a_dataset_with_a_card_is_loaded_whole_by_columns_and_by_filters(tmp_path: Path) -> None:
    rows = [blank_row(str(i), b"image", "i.png", b"mask") for i in range(3)]
    (tmp_path / "ds" / "data").mkdir(parents=True)
    (tmp_path / "ds" / "data" / "train-00000-of-00001.parquet").write_bytes(to_parquet(rows, ("a", "b: c")))
    (tmp_path / "ds" / "README.md").write_text(card(facts(stored_bytes=10, memory_bytes=20)))

    def load(**options: Any) -> Any:
        return datasets.load_dataset(
            str(tmp_path / "ds"), split="train", cache_dir=str(tmp_path / "cache"), **options
        )

    assert load().features == features(("a", "b: c"))
    assert load(columns=["key"])[:] == {"key": ["0", "1", "2"]}
    assert load(filters=[("key", "==", "1")])["key"] == ["1"]


def test_the_card_of_the_repository_is_that_of_the_recipe() -> None:
    import runpy

    written = (ROOT / "CARD.md").read_text("utf-8")
    assert written == runpy.run_path(str(ROOT / "docs" / "card.py"))["text"](), "run python docs/card.py"
    assert "Nobody has made this dataset with this code yet" in written
    found = metadata(written)
    assert found["size_categories"] == ["100K<n<1M"]
    assert found["bdstr"] == {"recipe": "bds-tr"}  # neither rows nor a fingerprint, since there was no run


def test_the_card_repeats_no_score_of_the_paper() -> None:
    written = (ROOT / "CARD.md").read_text("utf-8")
    assert not re.search(r"\b(MAE|maxF|S-measure|E-measure)\b", written)
    assert "no score of the paper is repeated here" in written
    assert "**ours**" in written


def test_the_card_of_what_was_not_made_says_no_rows_to_push(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes((ROOT / "CARD.md").read_bytes())
    with pytest.raises(DatasetError, match="does not say how many rows there are"):
        rows_of(tmp_path)
