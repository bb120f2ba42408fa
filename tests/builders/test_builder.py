"""Folders as a dataset at once, by `datasets`' own builder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from photographs import save, scene, write_scenes

from bdstr.errors import SourceError
from bdstr.sample import sample_folder
from bdstr.schema import features
from bdstr_builders.builder import FolderBuilder, folder_dataset, parquet_dataset
from bdstr_builders.holdout import is_held_out

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("num_proc", [None, 2])
def test_folders_of_classes_become_rows(tmp_path: Path, num_proc: int | None) -> None:
    write_scenes(tmp_path, 6, ("dog", "cat"))
    rows = folder_dataset(
        tmp_path / "images",
        tmp_path / "masks",
        licence="CC0-1.0",
        cache_dir=str(tmp_path / "cache"),
        num_proc=num_proc,
    )
    assert rows.features == features(["cat", "dog"])
    assert sorted(rows["key"]) == ["cat/001", "cat/003", "cat/005", "dog/000", "dog/002", "dog/004"]
    (first,) = (row for row in rows if row["key"] == "cat/001")
    assert np.array_equal(np.asarray(first["mask"]), scene(1)[1])
    assert (first["category"], first["licence"]) == (0, "CC0-1.0")


def test_the_code_in_the_readme_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    write_scenes(tmp_path, 3)
    shutil.copytree(tmp_path / "images", "DUTS-TR/image")
    shutil.copytree(tmp_path / "masks", "DUTS-TR/mask")
    shutil.copytree(sample_folder(), "bds-tr")
    images, masks = (
        [file.read_bytes() for file in sorted(Path(name).iterdir())] for name in ("images", "masks")
    )
    pq.write_table(pa.table({"image": images, "gt": masks}), "photos.parquet")
    section = (ROOT / "README.md").read_text().partition("\n## BDS-TR")[2].partition("\n## ")[0]
    of_bds_tr, of_others = re.findall(r"^```python\n(.+?)^```$", section, re.MULTILINE | re.DOTALL)
    exec(of_bds_tr, loaded := {})
    assert 0 < len(loaded["large"]) < len(loaded["dataset"]) == 7
    assert min(row["quality"]["area"] for row in loaded["large"]) > 0.2
    lines = of_others.splitlines(keepends=True)
    for line, key in ((lines[-2], "000"), (lines[-1], "photos/0")):
        exec("".join(lines[:-2]) + line, loaded := {})
        assert loaded["dataset"]["key"][0] == key
        assert np.array_equal(np.asarray(loaded["dataset"][0]["mask"]), scene(0)[1])


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    write_scenes(tmp_path, 2)
    folders = (tmp_path / "images", tmp_path / "masks")
    before = folder_dataset(*folders, cache_dir=str(tmp_path / "cache"))
    save(tmp_path / "masks" / "001.png", np.zeros_like(scene(1)[1]))
    after = folder_dataset(*folders, cache_dir=str(tmp_path / "cache"))
    assert np.asarray(before[1]["mask"]).any()
    assert not np.asarray(after[1]["mask"]).any()


def test_what_cannot_become_a_row_is_kept_with_its_reason(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    (tmp_path / "images" / "001.jpg").write_bytes(b"")
    (tmp_path / "masks" / "002.png").unlink()
    builder = FolderBuilder(
        images=str(tmp_path / "images"), masks=str(tmp_path / "masks"), cache_dir=str(tmp_path / "cache")
    )
    builder.download_and_prepare()
    assert builder.as_dataset(split="train")["key"][:] == ["000"]
    assert [(one.key, one.reason) for one in builder.rejects] == [("002", "no-mask"), ("001", "empty")]


def test_a_split_that_lost_all_of_its_photographs_costs_the_other_nothing(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    options = {"validation": 0.3, "validation_seed": 0, "cache_dir": str(tmp_path / "cache")}
    (tmp_path / "images" / "000.jpg").write_bytes(b"")  # the one that is held out
    rows = folder_dataset(tmp_path / "images", **options)
    assert {split: part["key"][:] for split, part in rows.items()} == {"train": ["001", "002"]}
    for key in ("001", "002"):
        (tmp_path / "images" / f"{key}.jpg").write_bytes(b"")
    with pytest.raises(SourceError, match=r"images: no photograph could be used; expected one"):
        folder_dataset(tmp_path / "images", **options)


def test_parquet_of_others_and_what_is_held_out(tmp_path: Path) -> None:
    images = [
        {"bytes": save(tmp_path / f"{i}.png", scene(i)[0]).read_bytes(), "path": None} for i in range(6)
    ]
    masks = [save(tmp_path / f"{i}-mask.png", scene(i)[1]).read_bytes() for i in range(6)]
    pq.write_table(pa.table({"image": images, "a": masks}), tmp_path / "x.parquet")
    rows = parquet_dataset(
        tmp_path / "x.parquet",
        columns={"mask": "a"},
        validation=0.5,
        cache_dir=str(tmp_path / "cache"),
    )
    held = [f"x/{i}" for i in range(6) if is_held_out(f"x/{i}", 0.5, 0)]
    assert rows["validation"]["key"][:] == held
    assert len(rows["train"]) == 6 - len(held)
    assert np.array_equal(np.asarray(rows["validation"][0]["mask"]), scene(int(held[0][2:]))[1])


def test_photographs_alone_with_names_for_their_classes(tmp_path: Path) -> None:
    write_scenes(tmp_path, 2, ("n2", "n1"))
    names = tmp_path / "names.txt"
    for word in ("dog", "hound"):  # another file of names is other rows
        names.write_text(f"n1 {word}\n")
        options = {"class_names": str(names), "cache_dir": str(tmp_path / "cache")}
        rows = folder_dataset(tmp_path / "images", **options)
        assert rows.features["category"].names == [word, "n2"]
        assert rows["mask"][:] == [None, None]


def test_rows_stream_without_a_cache(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    builder = FolderBuilder(
        images=str(tmp_path / "images"), masks=str(tmp_path / "masks"), cache_dir=str(tmp_path / "cache")
    )
    assert [row["key"] for row in builder.as_streaming_dataset(split="train")] == ["000", "001", "002"]
