"""The row: what is written is what `load_dataset` gives, and what breaks the schema is refused."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from PIL import Image

import bdstr
from bdstr import rle, sample
from bdstr.card import DatasetFacts, Origin, card
from bdstr.content import content_of, digest_of
from bdstr.errors import DatasetError, RowError
from bdstr.parquet import to_parquet
from bdstr.schema import blank_row, check_row, features

CATEGORIES = ["cat", "person"]
ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"^```python\n(.+?)^```$", re.MULTILINE | re.DOTALL)


def png(pixels: np.ndarray) -> bytes:
    memory = io.BytesIO()
    Image.fromarray(pixels).save(memory, "PNG")
    return memory.getvalue()


@pytest.fixture
def row() -> dict[str, Any]:
    mask = np.zeros((20, 30), np.uint8)
    mask[4:12, 6:20] = 255
    image = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    instance = {
        "box": [6.0, 4.0, 20.0, 12.0],
        "score": 0.5,
        "phrase": "a cat",
        "predicted_iou": 0.875,
        "stability": None,
        "rle": rle.encode(mask),
        "alternatives": [{"predicted_iou": 0.25, "rle": rle.encode(mask[::-1])}],
    }
    more = {"category": 0, "caption": "a cat", "instances": [instance], "uncertain": rle.encode(mask == 3)}
    return blank_row("a/1", png(image), "1.png", png(mask)) | more


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "train-00000-of-00001.parquet").write_bytes(to_parquet(rows, CATEGORIES))
    facts = DatasetFacts("bds-tr", {"train": len(rows)}, Origin("A test."), tuple(CATEGORIES))
    (folder / "README.md").write_text(card(facts))
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("load", [datasets.load_dataset, bdstr.load_dataset])
def test_a_row_is_loaded_as_it_was_written(
    tmp_path: Path, row: dict[str, Any], load: Callable[..., Any]
) -> None:
    dataset = load(str(write(tmp_path / "bds-tr", [row])), split="train")
    assert dataset.features == features(CATEGORIES)
    loaded = dataset[0]
    assert np.array_equal(
        np.asarray(loaded["image"]), np.asarray(Image.open(io.BytesIO(row["image"]["bytes"])))
    )
    assert set(np.unique(np.asarray(loaded["mask"]))) == {0, 255}
    assert {name: loaded[name] for name in row if name not in ("image", "mask")} == {
        name: row[name] for name in row if name not in ("image", "mask")
    }
    (raw,) = dataset.cast_column("image", datasets.Image(decode=False))
    assert raw["image"]["bytes"] == row["image"]["bytes"]


def test_streaming_columns_and_filters_read_only_what_is_asked_for(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    folder = str(write(tmp_path / "bds-tr", [row, row | {"key": "b", "category": 1}]))
    (only,) = datasets.load_dataset(
        folder, split="train", streaming=True, columns=["key", "category"], filters=[("category", "==", 1)]
    )
    assert only == {"key": "b", "category": 1}


@pytest.mark.parametrize("streaming", [False, True])
def test_a_file_of_no_rows_is_read_among_others(tmp_path: Path, row: dict[str, Any], streaming: bool) -> None:
    folder = write(tmp_path / "bds-tr", [row])
    (folder / "data" / "train-00001-of-00002.parquet").write_bytes(to_parquet([], CATEGORIES))
    loaded = datasets.load_dataset(str(folder), split="train", streaming=streaming)
    assert [one["key"] for one in loaded] == ["a/1"]


def test_equal_rows_are_equal_bytes(row: dict[str, Any]) -> None:
    assert to_parquet([row, row], CATEGORIES) == to_parquet([row, row], CATEGORIES)


def test_a_whole_row_passes(row: dict[str, Any]) -> None:
    check_row(row, CATEGORIES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mask": {"bytes": png(np.zeros((20, 31), np.uint8)), "path": None}}, "expected one size"),
        ({"mask": {"bytes": png(np.full((20, 30), 9, np.uint8)), "path": None}}, "a mask with grey levels"),
        ({"category": 2}, "category 2 of 2"),
        ({"sha256": "0" * 64}, "its sha256 is not that of its image"),
    ],
)
def test_a_row_that_breaks_the_schema_is_refused_by_field(
    row: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(RowError, match=rf"row 'a/1': .*{message}"):
        check_row(row | change, CATEGORIES)


def test_a_box_outside_the_image_is_refused(row: dict[str, Any]) -> None:
    row["instances"][0]["box"] = [6.0, 4.0, 31.0, 12.0]
    with pytest.raises(RowError, match=r"expected x0 y0 x1 y1 inside 30 x 20 px"):
        check_row(row, CATEGORIES)


def test_a_missing_column_is_named(row: dict[str, Any]) -> None:
    del row["licence"]
    with pytest.raises(RowError, match="no licence"):
        check_row(row, CATEGORIES)


def test_a_folder_that_is_no_dataset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bds-tr").mkdir()
    with pytest.raises(DatasetError, match=r"holds no README\.md and data/\*\.parquet"):
        bdstr.load_dataset(str(tmp_path / "bds-tr"))


def test_without_a_folder_the_name_is_the_packaged_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sample = bdstr.load_dataset("bds-tr", split="train")
    assert len(sample) == 7
    for loaded in sample:
        assert loaded["quality"]["area"] == pytest.approx((np.asarray(loaded["mask"]) > 0).mean())
        assert 0 < loaded["quality"]["completeness"] <= 1
        assert loaded["quality"]["flip_iou"] is None  # takes a segmenter
        assert loaded["caption"]
        assert loaded["licence"]
        (instance,) = loaded["instances"]
        assert np.array_equal(rle.decode(instance["rle"]), np.asarray(loaded["mask"]) > 0)
        assert bdstr.known(loaded).all()
        assert 0 < (bdstr.edges(loaded["mask"]) > 0).mean() < 0.2


def test_the_code_in_cards_runs_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sample.sample_folder().parent)
    blocks = PYTHON.findall(Path("bds-tr/README.md").read_text())
    assert blocks == PYTHON.findall((ROOT / "CARD.md").read_text())
    loading, filtering = blocks
    found: list[list[float]] = []
    for block in (loading, filtering, filtering.replace("filters=", "streaming=True, filters=")):
        exec(block, names := {})
        dataset = names.get("dataset") or names["large"]
        found.append([row["quality"]["area"] for row in dataset["train"]])
    whole, large, streamed = found
    assert large == streamed == [area for area in whole if area > 0.2]
    assert 0 < len(large) < len(whole) == 7


def test_the_sample_of_another_bdstr_is_not_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows, categories = sample.sample_rows()
    captions = []
    for of in ("another", "this one"):
        caption = f"by {of:>8}"  # as long: nothing but the bytes differs
        changed = [row | {"caption": caption} for row in rows]
        monkeypatch.setattr(sample, "sample_rows", lambda changed=changed: (changed, categories))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / of))
        captions += set(bdstr.load_dataset("bds-tr", split="train")["caption"])
        digest = digest_of((sample.sample_folder() / "data" / sample.FILE).read_bytes())
        assert content_of({sample.FILE: digest}) in (sample.sample_folder() / "README.md").read_text()
    assert captions == ["by  another", "by this one"]


def test_a_row_of_a_photograph_alone_passes_and_has_no_known_pixels(row: dict[str, Any]) -> None:
    alone = blank_row("b", row["image"]["bytes"], "b.png", None)
    check_row(alone)
    with pytest.raises(RowError, match="a row without a mask"):
        bdstr.known(alone)
    with pytest.raises(RowError, match="a row without a mask"):
        bdstr.edges(alone["mask"])


# ---- what is derived ------------------------------------------------------------------------------


def test_uncertain_pixels_are_not_known(row: dict[str, Any]) -> None:
    doubtful = np.zeros((20, 30), bool)
    doubtful[0, :5] = True
    mask = Image.open(io.BytesIO(row["mask"]["bytes"]))
    known = bdstr.known({"mask": mask, "uncertain": rle.encode(doubtful)})
    assert np.array_equal(known, ~doubtful)


def test_uncertain_pixels_of_another_size_are_refused() -> None:
    with pytest.raises(RowError, match="expected the mask's"):
        bdstr.known({"mask": np.zeros((4, 4)), "uncertain": rle.encode(np.zeros((4, 5), bool))})


@pytest.mark.parametrize("width_px", [1, 3, 5])
def test_an_edge_is_as_wide_as_asked_for_and_the_border_is_none(width_px: int) -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[:, 20:] = 255
    edge = bdstr.edges(mask, width_px)
    wide = max(1, width_px - 1)
    assert edge.dtype == np.uint8
    assert ((edge > 0).sum(axis=1) == wide).all()
    assert not edge[:, :15].any()
    assert not edge[:, 25:].any()


def test_an_edge_of_an_even_width_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an odd number"):
        bdstr.edges(np.zeros((4, 4)), 2)
