"""Photographs with drawn masks as a dataset: bytes as they were, categories by folder, real DUTS-TR."""

from __future__ import annotations

from pathlib import Path

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from photographs import SIZE, save, scene, write_scenes

from bdstr.schema import check_row
from bdstr_builders.commands.pack import pack

DUTS = Path(__file__).parents[3] / "shared" / "data" / "duts-tr-300"


def packed(root: Path, *more: str) -> tuple[list[dict], str]:
    arguments = [str(root / "images"), str(root / "masks"), "--out", str(root / "out"), *more]
    done = CliRunner().invoke(pack, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    files = sorted((root / "out" / "data").iterdir())
    return [row for file in files for row in pq.read_table(file).to_pylist()], done.output


def test_every_pair_becomes_a_row_with_the_bytes_of_its_file(tmp_path: Path) -> None:
    write_scenes(tmp_path, 5, ("dog", "cat"))
    rows, said = packed(tmp_path, "--source", "ours", "--licence", "CC0-1.0", "--rows-per-shard", "2")
    assert "5 rows in 3 files, 0 rejects" in said
    for row in rows:
        check_row(row, ["cat", "dog"])
        assert row["image"]["bytes"] == (tmp_path / "images" / f"{row['key']}.jpg").read_bytes()
        assert (row["source"], row["licence"], row["recipe"]) == ("ours", "CC0-1.0", None)
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.features["category"].names == ["cat", "dog"]
    assert [loaded.features["category"].int2str(row["category"]) for row in loaded] == ["cat"] * 2 + [
        "dog"
    ] * 3
    assert np.array_equal(np.asarray(loaded[0]["mask"]), scene(1)[1])


def test_a_pair_of_two_sizes_is_rejected_with_both(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    save(tmp_path / "masks" / "001.png", np.zeros((SIZE[0], SIZE[1] + 1), np.uint8))
    rows, said = packed(tmp_path)
    assert ([row["key"] for row in rows], "1 read: other-size" in said) == (["000", "002"], True)
    (reject,) = pq.read_table(tmp_path / "out" / "rejects.parquet").to_pylist()
    assert reject["detail"] == "a mask of (65, 48) px for a photograph of (64, 48); expected one size"


@pytest.mark.shared
@pytest.mark.slow
def test_duts_tr_packs_and_loads(tmp_path: Path) -> None:
    if not DUTS.is_dir():
        pytest.skip(f"{DUTS} does not exist")
    count = 0
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for file in sorted(DUTS.glob("*.parquet"))[:1]:
        for row in pq.read_table(file).to_pylist():
            (tmp_path / "images" / f"{row['key']}.webp").write_bytes(row["image"]["bytes"])
            (tmp_path / "masks" / f"{row['key']}.png").write_bytes(row["mask"]["bytes"])
            count += 1
    rows, said = packed(tmp_path, "--rows-per-shard", "1000")
    assert f"{count:,} rows" in said
    assert len(rows) == count > 2000
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert set(np.unique(np.asarray(loaded[count // 2]["mask"]))) == {0, 255}
