"""Photographs with drawn masks as a dataset: bytes as they were, categories by folder, real DUTS-TR."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from photographs import SIZE, save, scene, write_scenes

from bdstr.content import content_of, digest_of
from bdstr.errors import RunError
from bdstr.schema import check_row
from bdstr_builders.auditing import masks_of
from bdstr_builders.commands.pack import pack
from bdstr_builders.commands.status import status
from bdstr_builders.inspection import write_inspection
from bdstr_builders.spread import MEASURED, Spread, spread_of

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


def test_a_dataset_of_the_same_name_and_sizes_is_not_taken_from_the_cache_of_another(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)

    def load(**options: Any) -> Any:
        place = str(tmp_path / "out")
        return datasets.load_dataset(place, split="train", cache_dir=str(tmp_path / "cache"), **options)

    loaded = []
    for licence in ("MIT", "CC0", "CC0"):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        packed(tmp_path, "--licence", licence, "--rows-per-shard", "2")
        assert set(load()["licence"]) == {row["licence"] for row in load(streaming=True)} == {licence}
        assert load(columns=["key"], filters=[("licence", "==", licence)])["key"][:] == ["000", "001", "002"]
        loaded.append(load())
    first, other, again = loaded
    assert first.info.download_size == other.info.download_size  # by which alone the cards differed
    assert other.cache_files == again.cache_files
    files = {file.name: digest_of(file.read_bytes()) for file in (tmp_path / "out" / "data").iterdir()}
    assert f"digest {content_of(files)}\n" in (tmp_path / "out" / "README.md").read_text()


def test_photographs_alone_become_rows_without_a_mask(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3, ("n1/a", "n2"))
    (tmp_path / "names.txt").write_text("n1 dog, hound\n")
    arguments = [str(tmp_path / "images"), "--out", str(tmp_path / "out"), "--class-names"]
    done = CliRunner().invoke(pack, [*arguments, str(tmp_path / "names.txt")], catch_exceptions=False)
    assert "names.txt: 1 of 2 classes are not in it and keep their names: n2" in done.output
    (file,) = (tmp_path / "out" / "data").iterdir()
    rows = pq.read_table(file).to_pylist()
    for row in rows:
        check_row(row, ["dog", "n2"])
        assert row["mask"] is None
    assert [(row["key"], row["category"], row["subcategory"]) for row in rows] == [
        ("n1/a/000", 0, "a"),
        ("n1/a/002", 0, "a"),
        ("n2/001", 1, None),
    ]
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded[0]["mask"] is None
    card = (tmp_path / "out" / "README.md").read_text()
    assert "Photographs without masks." in card
    assert "`quality.area` is null in every row" in card
    assert "filters=field" not in card  # which would find nothing
    assert "bdstr pack IMAGES --out FOLDER --class-names FILE" in card
    assert "People drew" not in card
    write_inspection(tmp_path / "out", tmp_path / "page", 3, 0)
    assert (tmp_path / "page" / "index.html").read_text().count("area not measured") == 3
    spread = Spread({name: [] for name in MEASURED}, [0, 0, 0], [], {"dog": 2, "n2": 1}, {SIZE[::-1]: 3})
    assert spread_of([file]) == spread
    assert list(masks_of(tmp_path / "out")) == []


def test_masks_never_mix_with_rows_without(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    packed(tmp_path)
    with pytest.raises(RunError, match="holds a run with the recipe pack-2 drawn"):
        CliRunner().invoke(
            pack, [str(tmp_path / "images"), "--out", str(tmp_path / "out")], catch_exceptions=False
        )


def test_other_masks_of_the_same_names_never_mix_with_what_is_there(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    packed(tmp_path)
    save(tmp_path / "masks" / "001.png", np.eye(*SIZE, dtype=np.uint8) * np.uint8(255))
    told = "holds a run of 3 photographs; this one has 3, among them others, or with other classes or masks: "
    with pytest.raises(RunError, match=told):
        packed(tmp_path)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("ab", "abcd", "2 photographs; this one has 4, c is new: call it as before, or choose another --out"),
        ("abc", "ac", "3 photographs; this one has 2, b is missing: "),
        ("a", "c", "1 photograph; this one has 1, c is new and a is missing: "),
    ],
)
def test_a_run_is_refused_for_other_photographs_by_their_number_and_a_name(
    tmp_path: Path, before: str, now: str, told: str
) -> None:
    for key in before:
        save(tmp_path / "images" / f"{key}.png", scene(1)[0])
    (tmp_path / "images" / f"{before[0]}.png").write_bytes(b"")  # a reject is one of them
    arguments = [str(tmp_path / "images"), "--out", str(tmp_path / "out"), "--rows-per-shard", "2"]
    CliRunner().invoke(pack, arguments, catch_exceptions=False)
    for key in {*before} - {*now}:
        (tmp_path / "images" / f"{key}.png").unlink()
    for key in {*now} - {*before}:
        save(tmp_path / "images" / f"{key}.png", scene(2)[0])
    with pytest.raises(RunError, match=f"out holds a run of {told}"):
        CliRunner().invoke(pack, arguments, catch_exceptions=False)


def test_of_an_unfinished_run_none_is_called_new_that_may_only_be_missing(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    arguments = [str(tmp_path / "images"), "--out", str(tmp_path / "out"), "--rows-per-shard", "1"]
    CliRunner().invoke(pack, arguments, catch_exceptions=False)
    (tmp_path / "out" / "data" / "train-00001-of-00003.parquet").write_bytes(b"half")
    save(tmp_path / "images" / "zzz.png", scene(5)[0])
    with pytest.raises(RunError, match="3 photographs; this one has 4, others: "):
        CliRunner().invoke(pack, arguments, catch_exceptions=False)


def test_a_reject_says_whether_it_is_the_mask_that_cannot_be_read(tmp_path: Path) -> None:
    write_scenes(tmp_path, 2)
    (tmp_path / "masks" / "000.png").write_bytes(b"")
    (tmp_path / "images" / "001.jpg").write_bytes(b"")
    packed(tmp_path)
    rejects = pq.read_table(tmp_path / "out" / "rejects.parquet").to_pylist()
    assert [row["detail"] for row in rejects] == [
        "the mask: 0 bytes; expected an image",
        "0 bytes; expected an image",
    ]


def test_masks_that_are_all_black_are_kept_and_counted(tmp_path: Path) -> None:
    write_scenes(tmp_path, 6)
    for key in ("004", "002"):
        save(tmp_path / "masks" / f"{key}.png", np.zeros(SIZE, np.uint8))
    rows, said = packed(tmp_path, "--rows-per-shard", "2")
    assert [row["key"] for row in rows] == [f"00{i}" for i in range(6)]
    assert "  2 masks are all black, e.g. 002\n" in said
    told = CliRunner().invoke(status, [str(tmp_path / "out"), "--json"], catch_exceptions=False)
    assert json.loads(told.output)["black"] == 2
    marker = tmp_path / "out" / ".run" / "shards" / "00002.json"
    assert json.loads(marker.read_text())["black"] == 1
    assert "all black" in " ".join(CliRunner().invoke(pack, ["--help"]).output.split())


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
