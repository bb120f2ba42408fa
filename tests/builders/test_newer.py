"""Photographs that were replaced after they were done: told when a run is called again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from photographs import save, scene, write_scenes

from bdstr.cli import cli
from bdstr_builders.run import newer

LATER_S = 10


@pytest.fixture
def images(tmp_path: Path) -> Path:
    write_scenes(tmp_path, 4)
    for name in ("zero.jpg", "zz.jpg"):
        (tmp_path / "images" / name).write_bytes(b"")
    return tmp_path / "images"


def call(command: str, images: Path, *more: str) -> str:
    arguments = [command, images, "--out", images.parent / "out", "--rows-per-shard", "3", *more]
    done = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def replace_later(file: Path) -> None:
    save(file, scene(9)[0])
    later = file.stat().st_mtime + LATER_S
    os.utime(file, (later, later))


@pytest.mark.parametrize("command", ["generate", "pack"])
def test_a_reject_that_was_replaced_is_told_with_how_to_try_it_again(images: Path, command: str) -> None:
    first = call(command, images)
    assert "  what is mended is tried again by the same call with --retry-rejects empty\n" in first
    assert "modified" not in call(command, images)
    replace_later(images / "zero.jpg")
    said = call(command, images)
    told = "out: 1 photograph was modified after it was done, e.g. zero; --retry-rejects empty tries again"
    assert f"{told} what was rejected\n" in said
    assert "2 read: empty" in said  # which by itself changes nothing
    os.utime(images / "zero.jpg")
    said = call(command, images, "--retry-rejects", "empty")
    assert "2 photographs rejected for 'empty' once more" in said
    assert "1 read: empty" in said
    assert "modified" not in said


def test_rows_whose_photographs_were_replaced_are_told_and_left_as_they_are(images: Path) -> None:
    call("pack", images)
    before = [file.read_bytes() for file in sorted((images.parent / "out" / "data").iterdir())]
    replace_later(images / "002.jpg")
    replace_later(images / "zz.jpg")
    said = call("pack", images)
    assert (
        "out: 2 photographs were modified after they were done, e.g. 002; --retry-rejects empty tries again "
        "what was rejected; rows stay as they are: choose another --out\n"
    ) in said
    assert [file.read_bytes() for file in sorted((images.parent / "out" / "data").iterdir())] == before


def test_a_mask_that_was_replaced_by_one_of_its_length_is_told(images: Path) -> None:
    masks = images.parent / "masks"
    arguments = ["pack", images, masks, "--out", images.parent / "masked"]
    for _ in range(2):
        done = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
        assert "modified" not in done.output
    later = (masks / "001.png").stat().st_mtime + LATER_S
    os.utime(masks / "001.png", (later, later))
    done = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
    assert "masked: 1 photograph was modified after it was done, e.g. 001; rows stay" in done.output


def test_a_part_is_told_of_its_own_shards_and_one_that_is_not_made_of_nothing(images: Path) -> None:
    call("generate", images, "--shard", "1/2")
    replace_later(images / "000.jpg")
    replace_later(images / "zz.jpg")
    assert "e.g. 000; rows" in call("generate", images, "--shard", "1/2")
    assert "modified" not in call("generate", images, "--shard", "2/2")


def test_the_cells_of_a_table_are_never_asked_for_their_time(images: Path) -> None:
    out = images.parent / "out"
    call("pack", images)
    arguments = ["pack", out, "--out", images.parent / "again"]
    CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
    for file in (out / "data").iterdir():
        os.utime(file, (2**32, 2**32))
    assert "modified" not in CliRunner().invoke(cli, [str(one) for one in arguments]).output


def test_several_reasons_are_named_and_none_is_said_of_nothing() -> None:
    said = newer.newer_in_words([("a", "empty"), ("b", "damaged"), ("c", "empty")])
    assert said.endswith("e.g. a; --retry-rejects damaged or empty tries again what was rejected")
    assert newer.newer_in_words([]) == ""
