"""Datasets to learn from: ours, others', and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from training_scenes import cell, png, row, scene, write_dataset, write_pairs

pytest.importorskip("torch")

from bdstr.errors import DatasetError
from bdstr.rle import encode
from bdstr.training.batches import Collate
from bdstr.training.example import Row, read_example
from bdstr.training.order import Item
from bdstr.training.settings import Settings
from bdstr.training.source import choose_held_out, open_source

BLACK = cell(png(np.zeros((48, 64), np.uint8)))


def collate(*rows: Row) -> dict[str, object]:
    settings = Settings(size_px=32, scales=(1.0,))
    return Collate(settings, 100, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))([Item(0, 0, each) for each in rows])


def stored(seed: int, **other: object) -> Row:
    made = row(seed, **other)
    return Row(made["key"], made["image"]["bytes"], made["mask"]["bytes"], made["uncertain"])


# --- which rows -----------------------------------------------------------------------------------


def test_the_same_keys_are_held_out_whatever_their_order():
    keys = [f"{n}" for n in range(100)]
    chosen = {keys[position] for position in choose_held_out(keys, 7)}
    assert len(chosen) == 7
    assert {keys[::-1][position] for position in choose_held_out(keys[::-1], 7)} == chosen
    assert len(choose_held_out(keys, 500)) == 10
    assert len(choose_held_out(keys[:2], 500)) == 1


def test_images_with_masks_of_somebody_else_are_learned_from(tmp_path: Path):
    source = open_source(str(write_pairs(tmp_path / "pairs", 5)), "train", 1)
    assert source.learned == 4
    (held_out,) = source.held_out_rows()
    seed = int(held_out.key)
    np.testing.assert_array_equal(read_example(held_out).rgb, scene(seed)[0])
    np.testing.assert_array_equal(read_example(held_out).mask, scene(seed)[1])


def test_a_stream_holds_out_the_rows_of_the_stored_dataset(blocks: Path):
    one, other = (open_source(str(blocks), "train", 2, streaming) for streaming in (False, True))
    assert one.held_out_rows() == other.held_out_rows()


def test_without_masks_the_columns_that_there_are_are_told(tmp_path: Path):
    for seed in range(2):
        (tmp_path / f"{seed}.png").write_bytes(png(scene(seed)[0]))
    with pytest.raises(DatasetError, match="no column mask, but image"):
        open_source(str(tmp_path), "train", 1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(n, mask=BLACK) for n in range(4)], "all masks that were looked at are black"),
        ([row(0)], "1 rows; expected two or more"),
        ([row(0), row(0), row(1)], "the key 'scene/000' is there 2 times"),
        ([row(n, mask=cell(None)) for n in range(3)], "mask is nothing; expected an image"),
        ([row(n, image=cell(b"RIFF")) for n in range(3)], "a photograph that cannot be decoded"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(tmp_path: Path, rows: list, message: str):
    with pytest.raises(DatasetError, match=message):
        open_source(str(write_dataset(tmp_path / "data", rows, files=1)), "train", 1)


def test_a_dataset_that_is_not_there_is_told(blocks: Path, tmp_path: Path):
    with pytest.raises(DatasetError, match="'test' cannot be loaded"):
        open_source(str(blocks), "test", 1)
    with pytest.raises(DatasetError, match="cannot be loaded"):
        open_source(str(tmp_path), "train", 1)


# --- one row --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"mask": cell(png(np.zeros((9, 9), np.uint8)))}, "64 x 48 px and a mask of 9 x 9"),
        ({"mask": cell(png(np.eye(48, 64, dtype=np.uint8)))}, "levels 0 and 1"),
        ({"image": cell(png(scene(0)[0])[:-900])}, "cannot be decoded"),
        ({"image": cell(png(np.ones((48, 64), np.uint16)))}, "expected 8 bits"),
        ({"uncertain": {"size": [2, 2], "counts": "4"}}, r"of the size \(2, 2\)"),
    ],
)
def test_a_damaged_row_is_refused_by_its_key(other: dict, message: str):
    with pytest.raises(DatasetError, match=rf"scene/000: .*{message}"):
        read_example(stored(0, **other))


def test_a_damaged_row_is_left_out_of_its_batch_and_said(capsys: pytest.CaptureFixture):
    batch = collate(stored(0), stored(1, image=cell(b"none")), stored(2))
    assert batch["keys"] == ["scene/000", "scene/002"]
    assert batch["pixel_values"].shape == (2, 3, 32, 32)
    assert "left out scene/001: a photograph that cannot be decoded" in capsys.readouterr().err
    with pytest.raises(DatasetError, match=r"no row of a batch can be used \(scene/001\)"):
        collate(stored(1, image=cell(b"none")))


def test_pixels_that_are_uncertain_do_not_count():
    import torch

    from bdstr.model import partial_bce

    doubtful = np.zeros((48, 64), np.uint8)
    doubtful[10:30, 5:40] = 1
    other = scene(0)[1].copy()
    other[doubtful > 0] ^= 255
    rows = [stored(0, uncertain=encode(doubtful), mask=cell(png(mask))) for mask in (scene(0)[1], other)]
    one, two = (collate(each) for each in rows)
    assert not torch.equal(one["labels"], two["labels"])
    assert 0.5 < one["known"].float().mean() < 0.9
    logits = torch.randn(1, 32, 32)
    losses = [partial_bce(logits, batch["labels"], batch["known"]) for batch in (one, two)]
    assert losses[0] == losses[1]
    assert "known" not in collate(stored(0))
