"""Parquet of others as photographs: columns, keys, the same bytes, and each bad row by its place."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from photographs import scene
from PIL import Image

from bdstr.errors import BdstrError, RunError, SourceError, UsageError
from bdstr.schema import check_row
from bdstr_builders.commands.generate import generate
from bdstr_builders.commands.pack import pack
from bdstr_builders.decoding import RejectedError
from bdstr_builders.inputs import find_photographs
from bdstr_builders.run.crashes import signed
from bdstr_builders.run.plan import make_plan
from bdstr_builders.tables.rows import find_rows


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    memory = io.BytesIO()
    Image.fromarray(pixels).save(memory, kind)
    return memory.getvalue()


PHOTOS = [encoded(scene(i)[0], "JPEG") for i in range(5)]
MASKS = [encoded(scene(i)[1]) for i in range(5)]


def struct(images: list[bytes | None], paths: list[str | None]) -> list[dict[str, Any] | None]:
    return [
        {"bytes": image, "path": path} if image or path else None
        for image, path in zip(images, paths, strict=True)
    ]


def write(file: Path, rows_a_group: int = 2, **columns: list[Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), file, row_group_size=rows_a_group)
    return file


def packed(path: Path, out: Path, *more: str) -> tuple[list[dict[str, Any]], str]:
    done = CliRunner().invoke(pack, [str(path), "--out", str(out), *more], catch_exceptions=False)
    files = sorted((out / "data").iterdir())
    return [row for file in files for row in pq.read_table(file).to_pylist()], done.output


# ---- columns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", ["mask", "label", "gt"])
@pytest.mark.parametrize("shape", ["bytes", "struct"])
def test_images_and_masks_are_found_by_their_usual_names(tmp_path: Path, mask: str, shape: str) -> None:
    paths = [f"x/{i}.jpg" for i in range(5)]
    columns = {"image": PHOTOS, mask: MASKS}
    if shape == "struct":
        columns = {"image": struct(PHOTOS, paths), mask: struct(MASKS, paths)}
    rows, said = packed(write(tmp_path / "ds.parquet", **columns), tmp_path / "out", "--rows-per-shard", "2")
    assert f"image from image, mask from {mask}" in said
    keys = [f"ds/{i}" for i in range(5)] if shape == "bytes" else [f"x/{i}" for i in range(5)]
    assert [row["key"] for row in rows] == keys
    for i, row in enumerate(rows):
        check_row(row)
        assert row["image"]["bytes"] == PHOTOS[i]
        assert np.array_equal(
            np.asarray(Image.open(io.BytesIO(row["mask"]["bytes"])).convert("L")), scene(i)[1]
        )


def test_columns_are_taken_as_they_are_named(tmp_path: Path) -> None:
    file = write(
        tmp_path / "ds.parquet", foto=PHOTOS, a=MASKS, id=[4, 3, 2, 1, 0], art=["b", "a", "b", "a", None]
    )
    rows, said = packed(
        file,
        tmp_path / "out",
        *(f"--column={one}" for one in ("image=foto", "mask=a", "key=id", "category=art")),
    )
    assert [(row["key"], row["category"]) for row in rows] == [
        ("4", 1),
        ("3", 0),
        ("2", 1),
        ("1", 0),
        ("0", -1),
    ]
    assert "keys: the column id" in said


def test_classes_keep_their_names_and_numbers_and_rows_what_is_said_of_them(tmp_path: Path) -> None:
    kinds = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["n2", "n1", "none"]),
            "license": datasets.Value("string"),
        }
    )
    rows = {
        "image": struct(PHOTOS[:3], ["a.jpg", "b.jpg", "c.jpg"]),
        "label": [1, 0, -1],
        "license": ["MIT", None, ""],
    }
    table = pa.Table.from_pydict(rows, schema=kinds.arrow_schema)
    pq.write_table(table, tmp_path / "train.parquet")
    (tmp_path / "names.txt").write_text("n1 dog\nn2 cat\n")
    made, said = packed(
        tmp_path / "train.parquet",
        tmp_path / "out",
        *("--licence", "CC0-1.0", "--source", "ours", "--class-names", str(tmp_path / "names.txt")),
    )
    assert [(row["category"], row["licence"], row["source"]) for row in made] == [
        (1, "MIT", "ours"),
        (0, "CC0-1.0", "ours"),
        (-1, "CC0-1.0", "ours"),
    ]
    assert [row["mask"] for row in made] == [None] * 3
    assert "1 of 3 classes are not in it and keep their names: none" in said
    card = (tmp_path / "out" / "README.md").read_text()
    assert "The images keep the licences of their sources" in card  # since one row has another
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.features["category"].names == ["cat", "dog", "none"]


@pytest.mark.parametrize(
    ("columns", "given", "message"),
    [
        (
            {"x": PHOTOS},
            {},
            r"no column of images is called image, .*there are x: name it, --column image=NAME",
        ),
        ({"image": [1] * 5}, {}, "no column of images"),
        ({"image": PHOTOS, "depth": MASKS}, {}, "there are images in depth, too; .*--column mask=depth"),
        ({"image": PHOTOS, "gt": MASKS, "label": MASKS}, {}, "gt and label could each be the mask"),
        ({"image": PHOTOS}, {"mask": "imag"}, "no column 'imag'; did you mean 'image'"),
        (
            {"image": PHOTOS, "a": [1] * 5},
            {"mask": "a"},
            "'a' cannot be the mask: it holds number; expected images",
        ),
        ({"image": PHOTOS, "a": MASKS}, {"key": "a", "mask": ""}, "'a' cannot be the key: it holds image"),
        ({"image": pa.array([], pa.binary())}, {}, "Parquet files without rows"),
    ],
)
def test_columns_that_cannot_be_told_are_refused_with_what_to_do(
    tmp_path: Path, columns: Any, given: Any, message: str
) -> None:
    with pytest.raises(SourceError, match=rf"ds\.parquet: .*{message}|{message}"):
        find_rows(write(tmp_path / "ds.parquet", **columns), given)


# ---- keys ------------------------------------------------------------------------------------------


def test_names_of_files_are_keys_only_where_each_row_has_its_own(tmp_path: Path) -> None:
    file = write(tmp_path / "a.parquet", image=struct(PHOTOS[:3], ["/home/me/x.JPG", "y.1", "..\\z.png"]))
    assert [item.key for item in find_rows(file).items] == ["x", "y.1", "z"]
    write(file, image=struct(PHOTOS[:3], ["x.jpg", "x.jpg", "z.jpg"]))
    assert [item.key for item in find_rows(file).items] == ["a/0", "a/1", "a/2"]


def test_rows_without_a_key_of_their_own_are_left_out_by_their_place(tmp_path: Path) -> None:
    file = write(tmp_path / "a.parquet", image=PHOTOS, key=["x", None, "y", "x", ""])
    found = find_rows(file)
    assert [item.key for item in found.items] == ["y"]
    assert [(one.key, one.reason) for one in found.unusable] == [
        ("x", "same-name"),
        ("a.parquet: row 1, counted from 0", "no-key"),
        ("x", "same-name"),
        ("a.parquet: row 4, counted from 0", "no-key"),
    ]
    assert "a.parquet: row 3, counted from 0: the key of a.parquet: row 0" in found.unusable[2].detail


# ---- files -----------------------------------------------------------------------------------------


def test_a_dataset_of_the_hub_is_read_by_splits(tmp_path: Path) -> None:
    write(tmp_path / "data" / "train-00000-of-00002.parquet", image=PHOTOS[:2])
    write(tmp_path / "data" / "train-00001-of-00002.parquet", image=PHOTOS[2:4])
    write(tmp_path / "data" / "test-00000-of-00001.parquet", image=PHOTOS[4:])
    write(tmp_path / "rejects.parquet", key=["x"])
    with pytest.raises(SourceError, match="files of several splits, 'test', 'train'"):
        find_photographs(tmp_path)
    with pytest.raises(SourceError, match="no files of the split 'tran'; did you mean 'train'"):
        find_photographs(tmp_path, splits=["tran"])
    found = find_photographs(tmp_path, splits=["train"])
    assert [item.image.read_bytes() for item in found.items] == PHOTOS[:4]
    assert found.options == " --split train"


def test_files_of_other_columns_are_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", image=PHOTOS, mask=MASKS)
    write(tmp_path / "b.parquet", image=PHOTOS)
    with pytest.raises(
        SourceError, match=r"b\.parquet: image from image; a\.parquet has image from image, mask"
    ):
        find_rows(tmp_path)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceError, match=r"a\.parquet cannot be read: .*expected Parquet"):
        find_rows(tmp_path)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"columns": {"mask": "a"}, "with_masks": False}, UsageError, "masks are made here: leave it out"),
        ({"masks": Path("masks")}, UsageError, "is Parquet, with its masks in a column; expected no folder"),
        ({"class_names": Path("gone.txt")}, SourceError, r"gone\.txt cannot be read"),
    ],
)
def test_options_that_do_not_go_with_tables_are_refused(
    tmp_path: Path, options: Any, kind: type[BdstrError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        find_photographs(write(tmp_path / "a.parquet", image=PHOTOS), **options)


def test_options_of_tables_do_not_go_with_folders(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(PHOTOS[0])
    with pytest.raises(UsageError, match="holds no Parquet files; --column and --split are for those"):
        find_photographs(tmp_path, columns={"mask": "gt"})


@pytest.mark.parametrize(
    ("said", "message"), [("masc=gt", "no field; did you mean 'mask'"), ("mask", "expected FIELD=NAME")]
)
def test_a_column_for_nothing_is_refused(tmp_path: Path, said: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        packed(tmp_path, tmp_path / "out", "--column", said)


# ---- rows ------------------------------------------------------------------------------------------


def test_each_bad_row_is_named_by_file_and_row(tmp_path: Path) -> None:
    images = [PHOTOS[0], b"", PHOTOS[2][: len(PHOTOS[2]) // 2], None, b"no image"]
    masks: list[bytes | None] = [None, *MASKS[1:]]
    file = write(tmp_path / "ds.parquet", image=images, mask=masks)
    rows, _ = packed(file, tmp_path / "out")
    assert rows == []
    rejects = pq.read_table(tmp_path / "out" / "rejects.parquet").to_pylist()
    assert [row["reason"] for row in rejects] == ["empty", "empty", "truncated", "empty", "not-an-image"]
    assert all(
        row["detail"].startswith(f"ds.parquet: row {i}, counted from 0: ") for i, row in enumerate(rejects)
    )


def test_a_path_without_bytes_is_no_image(tmp_path: Path) -> None:
    file = write(tmp_path / "ds.parquet", image=struct([None, PHOTOS[1]], ["a.jpg", "b.jpg"]))
    first, second = find_rows(file).items
    with pytest.raises(RejectedError, match=r"empty: no bytes in the column image\.bytes"):
        first.image.read_bytes()
    assert second.image.read_bytes() == PHOTOS[1]


@pytest.mark.parametrize("rows_a_group", [1, 7, 100])
def test_rows_are_the_same_in_any_order(tmp_path: Path, rows_a_group: int) -> None:
    images = [bytes([i]) * 40 for i in range(50)]
    items = find_rows(write(tmp_path / "ds.parquet", rows_a_group, image=images)).items
    for i in [*range(50), *reversed(range(50)), 30, 3, 31, 49, 0]:
        assert items[i].image.read_bytes() == images[i]


def test_a_damaged_part_of_a_file_costs_no_row_of_another_part(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes
    images = [noise(3000) for _ in range(40)]
    file = write(tmp_path / "ds.parquet", 10, image=images)
    column = pq.read_metadata(file).row_group(1).column(0)
    data = bytearray(file.read_bytes())
    begin = column.dictionary_page_offset or column.data_page_offset
    data[begin : begin + 200] = b"\xff" * 200
    file.write_bytes(data)
    for i, item in enumerate(find_rows(file).items):
        if 10 <= i < 20:
            with pytest.raises(RejectedError, match="unreadable: its part of the file is damaged"):
                item.image.read_bytes()
        else:
            assert item.image.read_bytes() == images[i]


def test_rows_none_of_which_has_a_key_of_its_own_are_one_error_before_any_work(tmp_path: Path) -> None:
    file = write(tmp_path / "t.parquet", image=PHOTOS[:2], key=["k", "k"])
    with pytest.raises(SourceError, match=r"t\.parquet: none of its 2 rows .* the key of t\.parquet: row 0"):
        find_rows(file)


def test_a_run_of_some_columns_does_not_go_on_with_others(tmp_path: Path) -> None:
    masks, labels = MASKS[:2], ["cat", "dog"]
    table = {"image": PHOTOS[:2], "a": masks, "b": masks[::-1], "x": labels, "y": labels[::-1]}
    file = write(tmp_path / "t.parquet", **table, key=["k", "l"])
    given = {"mask": "a", "category": "x"}
    plan = make_plan(tmp_path / "out", find_rows(file, given), "w")
    assert make_plan(tmp_path / "out", find_rows(file, given), "w") == plan
    for other in ({"mask": "b"}, {"category": "y"}):  # of the same keys, and of the same classes
        with (
            signed(plan, 0),  # at work
            pytest.raises(
                RunError, match="holds a run of 2 photographs; this one has 2, among them others, or"
            ),
        ):
            make_plan(tmp_path / "out", find_rows(file, given | other), "w")


def test_a_packed_dataset_is_photographs_for_generate(tmp_path: Path) -> None:
    write(tmp_path / "in" / "train.parquet", image=struct(PHOTOS, [f"{i}.jpg" for i in range(5)]))
    rows, _ = packed(tmp_path / "in", tmp_path / "photos", "--licence", "CC0-1.0")
    assert [row["mask"] for row in rows] == [None] * 5
    arguments = [str(tmp_path / "photos"), "--out", str(tmp_path / "out"), "--source", "ours"]
    done = CliRunner().invoke(generate, [*arguments, "--validation", "0.4"], catch_exceptions=False)
    assert "5 rows in 2 files, 0 rejects" in done.output
    made = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    everything = [*made["train"], *made["validation"]]
    assert {(row["licence"], row["source"]) for row in everything} == {("CC0-1.0", "ours")}
    assert sorted(row["key"] for row in everything) == list("01234")


@pytest.mark.shared
def test_duts_tr_is_packed_as_it_lies_on_the_disk(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "duts-tr-300" / "train-00003-of-00004.parquet"
    table = pq.read_table(file)
    few = tmp_path / "few.parquet"  # the real rows, fewer of them
    pq.write_table(table.slice(0, 150), few, row_group_size=64)
    rows, said = packed(few, tmp_path / "out", "--source", "DUTS")
    assert "150 rows in 1 file, 0 rejects" in said
    for row, real in zip(rows, table.slice(0, 150).to_pylist(), strict=True):
        assert (row["key"], row["image"], row["source"]) == (real["key"], real["image"], "DUTS")
        drawn = np.asarray(Image.open(io.BytesIO(real["mask"]["bytes"])).convert("L"))
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(row["mask"]["bytes"])).convert("L")), drawn)
    assert len(find_rows(file.parent).items) == 10_553
