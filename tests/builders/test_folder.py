"""Photographs as people have them: paired, named, and nothing dropped in silence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from photographs import SIZE, save, scene, write_scenes
from PIL import Image

from bdstr.errors import SourceError
from bdstr.masks import mask_png
from bdstr_builders.decoding import RejectedError
from bdstr_builders.folder import find_items
from bdstr_builders.phash import hash_of
from bdstr_builders.photo import probe_photo, read_mask, read_photo
from bdstr_builders.pipeline import Packing
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.source import Source

NOISE = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)


# ---- folders ---------------------------------------------------------------------------------------


def test_photographs_pair_with_masks_by_name(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    found = find_items(tmp_path / "images", tmp_path / "masks")
    assert [item.key for item in found.items] == ["000", "001", "002"]
    assert all(item.mask and item.mask.stem == item.image.stem for item in found.items)
    assert (found.categories, found.unusable) == ((), ())


def test_folders_of_folders_are_classes(tmp_path: Path) -> None:
    write_scenes(tmp_path, 4, ("dog", "cat"))
    found = find_items(tmp_path / "images")
    assert found.categories == ("cat", "dog")
    assert [(item.key, item.category) for item in found.items][:2] == [("cat/001", "cat"), ("cat/003", "cat")]
    assert {item.subcategory for item in found.items} == {None}


def test_folders_in_classes_are_subcategories_and_deeper_ones_nothing(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3, ("dog", "dog/terrier", "dog/terrier/2026"))
    found = find_items(tmp_path / "images")
    assert [(item.key, item.category, item.subcategory) for item in found.items] == [
        ("dog/000", "dog", None),
        ("dog/terrier/001", "dog", "terrier"),
        ("dog/terrier/2026/002", "dog", "terrier"),
    ]


def test_parquet_files_deeper_in_a_folder_are_pointed_at(tmp_path: Path) -> None:
    (tmp_path / "default" / "train").mkdir(parents=True)
    (tmp_path / "default" / "train" / "0000.parquet").write_bytes(b"PAR1")
    with pytest.raises(SourceError, match="there are Parquet files in its folder default/train: name that"):
        find_items(tmp_path)


def test_a_photograph_beside_folders_means_that_they_are_no_classes(tmp_path: Path) -> None:
    write_scenes(tmp_path, 4, ("dog", ""))
    assert find_items(tmp_path / "images").categories == ()


def test_what_is_left_out_is_named_with_the_reason(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    images = tmp_path / "images"
    save(images / "000.png", NOISE)
    (images / "notes.txt").write_text("x")
    (images / ".DS_Store").write_text("x")
    (tmp_path / "masks" / "001.png").unlink()
    save(tmp_path / "masks" / "009.png", NOISE[:, :, 0])
    found = find_items(images, tmp_path / "masks")
    assert [item.key for item in found.items] == ["002"]
    assert sorted((one.key, one.reason) for one in found.unusable) == [
        ("000", "no-image"),
        ("000", "same-name"),
        ("001", "no-mask"),
        ("009", "no-image"),
        ("notes.txt", "not-an-image"),
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("anim.gif", "the suffix .gif; expected .bmp, .jpeg, .jpg, .png, .tif, .tiff, .webp: convert it"),
        ("PHOTO.HEIC", "the suffix .HEIC; expected .bmp, .jpeg, .jpg, .png, .tif, .tiff, .webp: convert it"),
        ("notes.txt", "the suffix .txt; expected .bmp, .jpeg, .jpg, .png, .tif, .tiff, .webp: passed over"),
        ("LICENSE", "no suffix; expected .bmp, .jpeg, .jpg, .png, .tif, .tiff, .webp: passed over"),
    ],
)
def test_a_file_of_another_suffix_is_told_which_are_taken_and_an_image_to_be_converted(
    tmp_path: Path, name: str, told: str
) -> None:
    write_scenes(tmp_path, 1)
    (tmp_path / "images" / name).write_bytes(b"x")
    (one,) = find_items(tmp_path / "images").unusable
    assert (one.key, one.reason, one.detail) == (name, "not-an-image", told)


def test_a_name_that_is_no_text_costs_nothing_but_its_own_row(tmp_path: Path) -> None:
    write_scenes(tmp_path, 2)
    images, masks = tmp_path / "images", tmp_path / "masks"
    for folder, suffix in ((images, "jpg"), (masks, "png")):
        (folder / f"000.{suffix}").rename(folder / os.fsdecode(b"caf\xe9." + suffix.encode()))
    (images / os.fsdecode(b"\xff.txt")).write_text("mine")
    found = find_items(images, masks)
    work = Packing(masks="drawn")
    summary = run(make_plan(tmp_path / "out", found, work.fingerprint), found, work)
    assert (summary.rows, summary.rejects) == (1, 3)
    rejects = pq.read_table(tmp_path / "out" / "rejects.parquet").to_pylist()
    assert sorted((one["key"], one["reason"]) for one in rejects) == [
        ("\\xff.txt", "not-an-image"),
        ("caf\\xe9.jpg", "bad-name"),
        ("caf\\xe9.png", "bad-name"),
    ]


def reasons(found: Source) -> list[tuple[str, str]]:
    return [(one.key, one.reason) for one in found.unusable]


def keys(found: Source) -> list[str]:
    return [item.key for item in found.items]


def test_a_loop_of_links_ends_and_is_told(tmp_path: Path) -> None:
    write_scenes(tmp_path, 1)
    for name, target in (("loop", tmp_path / "images"), ("up", tmp_path), ("root", Path("/"))):
        (tmp_path / "images" / name).symlink_to(target)
    found = find_items(tmp_path / "images")
    assert keys(found) == ["000"]
    assert reasons(found) == [("loop", "linked-again"), ("root", "linked-again"), ("up", "linked-again")]


def test_links_to_folders_are_followed_each_folder_once(tmp_path: Path) -> None:
    tree, real = tmp_path / "tree", tmp_path / "real"
    for number, folder in enumerate((tree / "b", real, real / "deep")):
        save(folder / f"{number}.png", scene(number)[0])
    (tree / "a").symlink_to(tree / "b")  # before what it leads to, by name
    (tree / "c").symlink_to(real)
    (tree / "d").symlink_to(real / "deep")
    (real / "deep" / "back").symlink_to(tree)
    found = find_items(tree)
    assert keys(found) == ["b/0", "c/1", "c/deep/2"]
    assert found.categories == ("b", "c")
    assert reasons(found) == [(key, "linked-again") for key in ("a", "d", "c/deep/back")]


def test_a_folder_of_nothing_but_links_is_read_and_a_broken_one_told(tmp_path: Path) -> None:
    save(tmp_path / "real" / "0.png", scene(0)[0])
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").symlink_to(tmp_path / "real")
    (tmp_path / "tree" / "gone").symlink_to(tmp_path / "nowhere")
    found = find_items(tmp_path / "tree")
    assert (keys(found), reasons(found)) == (["a/0"], [("gone", "broken-link")])


def test_hidden_files_take_no_others_place_and_are_told_once_with_their_number(tmp_path: Path) -> None:
    write_scenes(tmp_path, 2)
    images, masks = tmp_path / "images", tmp_path / "masks"
    for path in (
        images / ".hidden.png",
        images / "._000.jpg",
        images / ".thumbs" / "1.png",
        masks / ".x.png",
    ):
        save(path, NOISE)
    (images / ".DS_Store").write_text("x")
    found = find_items(images, masks)
    assert (keys(found), found.unusable) == (["000", "001"], ())
    assert found.notes == (
        f"{images}: 3 hidden files and folders passed over, e.g. ._000.jpg",
        f"{masks}: 1 hidden file or folder passed over, e.g. .x.png",
    )


@pytest.mark.parametrize(
    ("images", "masks", "message"),
    [
        ("nowhere", None, r"nowhere: no folder; expected one of photographs"),
        ("empty", None, r"empty: holds no images; expected files of \.bmp"),
        ("twins", None, r"twins: holds no images; .*; x: x\.jpg and x\.png have one name"),
        ("phone", None, r"phone: holds no images; .*; a\.heic: the suffix \.heic; .*: convert it"),
        ("images", "others", r"others: no mask has the name of a photograph \(masks are called like x"),
    ],
)
def test_folders_that_cannot_be_used_are_refused(
    tmp_path: Path, images: str, masks: str | None, message: str
) -> None:
    write_scenes(tmp_path, 1)
    (tmp_path / "empty").mkdir()
    save(tmp_path / "others" / "x.png", NOISE[:, :, 0])
    for suffix in ("jpg", "png"):
        save(tmp_path / "twins" / f"x.{suffix}", NOISE)
    (tmp_path / "phone").mkdir()
    for name in ("a.heic", "Thumbs.db", "LICENSE"):
        (tmp_path / "phone" / name).write_bytes(b"x")
    with pytest.raises(SourceError, match=message):
        find_items(tmp_path / images, tmp_path / masks if masks else None)


# ---- files -----------------------------------------------------------------------------------------


def bad_files(folder: Path) -> dict[str, Path]:
    """Reason -> a file that is refused for it."""
    folder.mkdir(exist_ok=True)
    photo, _ = scene(0)
    file = save(folder / "whole.jpg", photo)
    whole = file.read_bytes()
    file.unlink()
    files = {
        "empty": b"",
        "not-an-image": b"hello, I am a text",
        "truncated": whole[: len(whole) // 2],
    }
    paths = {reason: folder / f"{reason}.jpg" for reason in files}
    for reason, path in paths.items():
        path.write_bytes(files[reason])
    Image.fromarray(NOISE).convert("CMYK").save(folder / "cmyk.jpg")
    Image.fromarray(np.arange(48 * 64, dtype=np.uint16).reshape(48, 64)).save(folder / "deep.png")
    frames = [Image.fromarray(np.roll(NOISE, 5 * i, 1)) for i in range(2)]
    frames[0].save(folder / "moving.webp", save_all=True, append_images=frames[1:])
    Image.fromarray(NOISE[:1, :1]).save(folder / "dot.png")
    Image.new("L", (30_000, 20)).save(folder / "wide.png")
    (folder / "unreadable.jpg").symlink_to(folder / "gone")
    return paths | {
        "cmyk": folder / "cmyk.jpg",
        "16-bit": folder / "deep.png",
        "animated": folder / "moving.webp",
        "too-small": folder / "dot.png",
        "too-large": folder / "wide.png",
        "unreadable": folder / "unreadable.jpg",
    }


@pytest.mark.parametrize("read", [read_photo, probe_photo])
def test_each_bad_file_is_rejected_for_what_is_wrong(tmp_path: Path, read: Callable[[Path], object]) -> None:
    for reason, path in bad_files(tmp_path / "bad").items():
        with pytest.raises(RejectedError) as caught:
            read(path)
        assert caught.value.reason == reason
        assert caught.value.detail


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "1"])
def test_photographs_of_every_usual_mode_become_rgb(tmp_path: Path, mode: str) -> None:
    Image.fromarray(NOISE).convert(mode).save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    assert (photo.rgb.shape, photo.rgb.dtype, photo.name) == ((*SIZE, 3), np.uint8, "a.png")
    assert photo.data == (tmp_path / "a.png").read_bytes()


def test_a_rotated_photograph_is_turned_upright_and_its_bytes_left_alone(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "a.jpg", NOISE, exif=exif)
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.shape == probe_photo(tmp_path / "a.jpg").shape == SIZE[::-1]
    assert photo.data == (tmp_path / "a.jpg").read_bytes()


def test_the_photograph_of_a_camera_that_puts_a_preview_behind_it_is_one_photograph(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    preview = Image.fromarray(NOISE[::2, ::2])
    save(tmp_path / "a.jpg", NOISE, format="MPO", save_all=True, append_images=[preview], exif=exif)
    save(tmp_path / "b.jpg", NOISE, exif=exif)
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.n_frames == 2
    one, other = (read_photo(tmp_path / f"{name}.jpg") for name in "ab")
    assert np.array_equal(one.rgb, other.rgb)
    assert probe_photo(tmp_path / "a.jpg").shape == one.shape
    assert hash_of(one.data) == hash_of(other.data)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tif"])
def test_a_photograph_cut_anywhere_is_never_taken_for_a_whole_one(tmp_path: Path, suffix: str) -> None:
    whole = save(tmp_path / f"a.{suffix}", NOISE).read_bytes()
    assert probe_photo(tmp_path / f"a.{suffix}").shape == SIZE
    for end in range(1, len(whole) - 16, len(whole) // 25):
        (tmp_path / f"a.{suffix}").write_bytes(whole[:end])
        with pytest.raises(RejectedError):
            probe_photo(tmp_path / f"a.{suffix}")


def test_a_mask_is_cut_at_half_and_written_as_0_and_255(tmp_path: Path) -> None:
    levels = np.array([[0, 128, 129, 255] * 5] * 20, np.uint8)
    mask = read_mask(save(tmp_path / "a.png", levels))
    assert mask[0, :4].tolist() == [0, 0, 255, 255]
    (tmp_path / "b.png").write_bytes(mask_png(mask))
    assert np.array_equal(np.asarray(Image.open(tmp_path / "b.png").convert("L")), mask)
    assert (tmp_path / "b.png").stat().st_size < 200


def test_a_mask_on_which_nothing_is_white_is_rejected_with_the_reason(tmp_path: Path) -> None:
    object_ = np.eye(20, dtype=np.uint8)
    with pytest.raises(RejectedError, match=r"mask-range: .* levels 0 to 1; expected 0 and 255"):
        read_mask(save(tmp_path / "a.png", object_))
    coloured = Image.fromarray(object_).convert("P")
    coloured.putpalette([0, 0, 0, 128, 0, 0])  # as PASCAL VOC has its first class
    coloured.save(tmp_path / "b.png")
    with pytest.raises(RejectedError, match=r"mask-range: .* levels 0 to 38; expected 0 and 255"):
        read_mask(tmp_path / "b.png")
    assert not read_mask(save(tmp_path / "c.png", 0 * object_)).any()  # no object is one answer
