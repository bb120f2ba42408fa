"""Whatever people have in their folders: a row, a reject with its reason, or one error before any work."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from photographs import SIZE, save, scene
from PIL import Image
from test_folder import bad_files

from bdstr.errors import SourceError
from bdstr.schema import check_row
from bdstr_builders import photo as photo_module
from bdstr_builders.commands.generate import generate
from bdstr_builders.decoding import RejectedError
from bdstr_builders.photo import probe_photo, read_mask, read_photo

TEXTS = {"chinese": "一只黑狗", "arabic": "كلب أسود", "emoji": "🐕 🦮", "words": "a black dog"}
"""Key -> text; each has no box."""
REASONS = {
    "bad/cmyk": "cmyk",
    "bad/deep": "16-bit",
    "bad/dot": "too-small",
    "bad/empty": "empty",
    "bad/moving": "animated",
    "bad/not-an-image": "not-an-image",
    "bad/truncated": "truncated",
    "bad/unreadable": "unreadable",
    "bad/wide": "too-large",
    "bad/bomb": "too-large",
    "bad/pipe": "unreadable",
    "notes.txt": "not-an-image",
    "twice": "same-name",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good photographs of hard kinds, and all the bad ones."""
    root = tmp_path_factory.mktemp("mixed")
    images = root / "images"
    images.mkdir()
    bad_files(images / "bad")
    (images / "bad" / "bomb.png").write_bytes(bomb())
    os.mkfifo(images / "bad" / "pipe.jpg")
    for suffix in ("jpg", "png"):
        save(images / f"twice.{suffix}", scene(1)[0])
    (images / "notes.txt").write_text("mine")
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    save(images / "turned.jpg", scene(2)[0], exif=exif)
    for i, key in enumerate(TEXTS):
        save(images / f"{key}.png", scene(3 + i)[0])
    save(images / "相片 №1.png", scene(9)[0])
    lines = [json.dumps({"key": key, "text": text}) for key, text in TEXTS.items()]
    (root / "texts.jsonl").write_text("\n".join(lines))
    return root


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_file_that_was_cut_off_is_called_truncated_whatever_its_format(tmp_path: Path, suffix: str) -> None:
    file = save(tmp_path / f"cut.{suffix}", scene(0)[0])
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    for read in (read_photo, probe_photo):
        with pytest.raises(RejectedError, match=r"^truncated: "):
            read(file)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_more_than_eight_bits_a_channel_are_refused_also_in_colour(
    tmp_path: Path, suffix: str, channels: int
) -> None:
    file = tmp_path / f"deep.{suffix}"
    cv2.imwrite(str(file), np.full((*SIZE, channels), 40_000, np.uint16))
    for read in (read_photo, probe_photo):
        with pytest.raises(
            RejectedError, match=r"16-bit: .*; expected 8 bits a channel: convert it to 8 bits$"
        ):
            read(file)


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 10,000 x 60,000 px."""
    header = struct.pack(">IIBBBBB", 10_000, 60_000, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def call(images: Path, out: Path, *more: object) -> Result:
    return CliRunner().invoke(generate, [str(one) for one in (images, "--out", out, *more)])


def made(out: Path) -> tuple[dict[str, Any], Mapping[str, str]]:
    rows = [row for file in sorted(out.glob("data/*.parquet")) for row in pq.read_table(file).to_pylist()]
    rejects = pq.read_table(out / "rejects.parquet").to_pylist()
    assert all(one["detail"] for one in rejects)
    return {row["key"]: row for row in rows}, {one["key"]: one["reason"] for one in rejects}


@pytest.fixture(scope="module", params=["offline", "bds-tr"])
def done(
    request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Mapping[str, str]]:
    out = tmp_path_factory.mktemp(request.param) / "bds-tr"
    more: list[object] = ["--recipe", request.param, "--annotations", folder / "texts.jsonl"]
    if request.param == "bds-tr":
        pytest.importorskip("torch")
        tiny: SimpleNamespace = request.getfixturevalue("tiny")
        models = (("caption.blip", tiny.blip), ("ground.dino", tiny.dino), ("segment.sam", tiny.sam))
        more += [text for name, model in models for text in ("--set", f"{name}.model={model}")]
        limits = {"min_area": 0.0, "max_area": 1.0, "max_components": 999}
        limits |= {"min_completeness": 0.0, "max_inversion": 1.0}
        more += [text for name, v in limits.items() for text in ("--set", f"check.quality.{name}={v}")]
    result = call(folder / "images", out, *more)
    assert result.exit_code == 0, result.exception
    return made(out)


def test_each_bad_file_is_a_reject_with_its_reason_and_the_rest_goes_on(
    done: tuple[dict[str, Any], Mapping[str, str]],
) -> None:
    rows, rejects = done
    assert dict(rejects) == REASONS
    assert set(rows) == {*TEXTS, "turned", "相片 №1"}
    for row in rows.values():
        check_row(row)


def test_a_bomb_is_told_by_its_own_size_with_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb())
    told = r"too-large: 10,000 x 60,000 px; expected at most 20,000 px a side, and 100,000,000 px in all$"
    for read in (read_photo, probe_photo, read_mask):
        with pytest.raises(RejectedError, match=told):
            read(tmp_path / "bomb.png")


def test_colours_for_print_are_told_to_be_converted(tmp_path: Path) -> None:
    save(tmp_path / "a.png", scene(0)[0])
    Image.open(tmp_path / "a.png").convert("CMYK").save(tmp_path / "a.jpg")
    with pytest.raises(RejectedError, match=r"cmyk: .*; expected RGB or grey: convert it to RGB$"):
        read_photo(tmp_path / "a.jpg")


def test_a_text_without_a_box_is_kept_in_any_script(
    done: tuple[dict[str, Any], Mapping[str, str]],
) -> None:
    rows, _ = done
    assert {key: rows[key]["caption"] for key in TEXTS} == TEXTS
    assert all(rows[key]["instances"] for key in TEXTS)


def test_the_mask_of_a_turned_photograph_stands_upright_as_it_is_shown(
    done: tuple[dict[str, Any], Mapping[str, str]],
) -> None:
    row = done[0]["turned"]
    shown = datasets.Image().decode_example(row["image"])
    mask = Image.open(io.BytesIO(row["mask"]["bytes"]))
    assert shown.size == mask.size == SIZE
    (x0, y0, x1, y1), *_ = (one["box"] for one in row["instances"])
    assert 0 <= x0 < x1 <= SIZE[0]
    assert 0 <= y0 < y1 <= SIZE[1]


@pytest.mark.parametrize(
    ("images", "message"),
    [("empty", "holds no images; expected files of"), ("nowhere", "no folder; expected one of photographs")],
)
def test_a_folder_without_photographs_is_one_error_before_any_work(
    tmp_path: Path, images: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    result = call(tmp_path / images, tmp_path / "out")
    assert isinstance(result.exception, SourceError)
    assert message in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_nothing_but_bad_photographs_is_a_finished_dataset_of_no_rows(tmp_path: Path) -> None:
    bad_files(tmp_path / "bad")
    result = call(tmp_path / "bad", tmp_path / "out")
    assert result.exit_code == 0, result.exception
    rows, rejects = made(tmp_path / "out")
    assert (rows, len(rejects)) == ({}, 9)


@given(st.data())
def test_a_damaged_file_is_read_or_rejected_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "BMP", "TIFF"]))
    content = bytearray(whole(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 5))
        content[place : place + 4] = data.draw(st.binary(min_size=0, max_size=4))
    path = tmp_path_factory.mktemp("damaged") / "a.jpg"
    path.write_bytes(content)
    for read in (read_photo, probe_photo):
        with suppress(RejectedError):
            read(path)


def whole(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    memory = io.BytesIO()
    Image.fromarray(scene(0)[0][:20, :20]).save(memory, kind, **({} if kind == "BMP" else {"exif": exif}))
    return memory.getvalue()


def test_an_error_that_no_decoder_should_raise_is_a_reject_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(image: Image.Image) -> Image.Image:
        raise TypeError("Missing dimensions")  # as Pillow does over some damaged TIFF

    monkeypatch.setattr(photo_module.ImageOps, "exif_transpose", stumble)
    with pytest.raises(RejectedError, match="damaged: its pixels cannot be decoded: Missing dimensions"):
        read_photo(save(tmp_path / "a.png", scene(0)[0]))
