"""Saliency maps and cut-outs of photographs as people have them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageCms
from training_scenes import png, row, scene, write_dataset

pytest.importorskip("torch")

from bdstr.commands.cutout import cutout
from bdstr.commands.predict import predict
from bdstr.errors import DatasetError, ModelError, RunError, SourceError, UsageError
from bdstr.packaged import packaged_folder
from bdstr.training.example import read_rgb


def call(*given: object) -> Result:
    return CliRunner().invoke(predict, [str(one) for one in (*given, "--device", "cpu")])


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.copy()


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photographs: one lies in a folder, one on its side."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "cats").mkdir()
    (folder / "a.b.png").write_bytes(png(scene(0)[0]))
    (folder / "cats" / "c.png").write_bytes(png(scene(1, 90, 30)[0]))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(scene(2)[0]).save(folder / "side.jpg", exif=exif)
    (folder / "notes.txt").touch()
    return folder


@pytest.fixture(scope="module")
def maps(photos: Path, run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("predicted") / "maps"
    result = call(photos, "--model", run, "--out", out, "--batch", 2)
    assert result.exit_code == 0, (result.output, result.exception)
    assert "3 maps written" in result.output
    return out


def names(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*.png"))


def test_each_photograph_gets_a_grey_map_of_its_size(maps: Path):
    assert names(maps) == ["a.b.png", "cats/c.png", "side.png"]
    sizes = {name: opened(maps / name).size for name in names(maps)}
    assert sizes == {"a.b.png": (64, 48), "cats/c.png": (30, 90), "side.png": (48, 64)}
    assert all(opened(maps / name).mode == "L" for name in names(maps))
    levels = np.asarray(opened(maps / "a.b.png"))
    mask = scene(0)[1]
    assert levels[mask > 0].mean() > 2 * levels[mask == 0].mean()


def test_maps_do_not_depend_on_the_batch(maps: Path, photos: Path, run: Path, tmp_path: Path):
    assert call(photos, "--model", run, "--out", tmp_path / "one", "--batch", 1).exit_code == 0
    for name in names(maps):
        one, other = (np.asarray(opened(each / name), int) for each in (maps, tmp_path / "one"))
        assert abs(one - other).max() <= 1


def test_maps_that_are_whole_are_not_made_again(maps: Path, photos: Path, run: Path):
    whole = (maps / "side.png").stat().st_mtime_ns
    before = (maps / "a.b.png").read_bytes()
    (maps / "a.b.png").write_bytes(before[:-20])
    Image.new("L", (3, 3)).save(maps / "cats" / "c.png")
    result = call(photos, "--model", run, "--out", maps, "--batch", 2)
    assert "2 maps written; 1 were there" in result.output
    assert (maps / "a.b.png").read_bytes() == before
    assert opened(maps / "cats" / "c.png").size == (30, 90)
    assert (maps / "side.png").stat().st_mtime_ns == whole


def test_a_bad_photograph_costs_its_line_and_the_exit_code(run: Path, tmp_path: Path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "good.png").write_bytes(png(scene(0)[0]))
    (folder / "torn.png").write_bytes(png(scene(0)[0])[:-900])
    (folder / "none.jpg").write_bytes(b"")
    (folder / "twice.png").write_bytes(png(scene(1)[0]))
    (folder / "twice.jpg").write_bytes(png(scene(1)[0]))
    result = call(folder, "--model", run, "--out", tmp_path / "maps")
    assert isinstance(result.exception, SourceError)
    assert "3 of 4 photographs cannot be used" in str(result.exception)
    assert result.exception.exit_code == 3
    for line in ("left out none: a photograph", "left out torn: a photograph", "twice.jpg and twice.png"):
        assert line in result.output
    assert names(tmp_path / "maps") == ["good.png"]


def test_a_photograph_that_became_a_bomb_costs_its_own_line_beside_its_old_map(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(png(scene(0)[0]))
    assert call(tmp_path / "photos", "--model", run, "--out", tmp_path / "maps").exit_code == 0
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    result = call(tmp_path / "photos", "--model", run, "--out", tmp_path / "maps")
    assert isinstance(result.exception, SourceError)
    assert "left out a: a photograph that cannot be decoded (Image size" in result.output


def test_whatever_a_decoder_stumbles_over_is_a_photograph_that_cannot_be_decoded():
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "camera"
    memory = io.BytesIO()
    Image.fromarray(scene(0)[0]).save(memory, "JPEG", exif=exif)
    data = memory.getvalue()
    # The camera's name, a text of seven letters, is said to be a fraction.
    number = data.replace(b"\x01\x10\x00\x02\0\0\0\x07", b"\x01\x10\x00\x05\0\0\0\x01")
    assert number != data
    with pytest.raises(SourceError, match="cannot be decoded"):
        read_rgb(number)


def test_the_photographs_of_a_dataset_get_maps_by_their_keys(blocks: Path, run: Path, tmp_path: Path):
    assert "20 maps" in call(blocks, "--model", run, "--out", tmp_path / "maps").output
    assert names(tmp_path / "maps") == [f"scene/{seed:03}.png" for seed in range(20)]


def test_a_key_that_leads_out_of_the_folder_is_refused(run: Path, tmp_path: Path):
    data = write_dataset(tmp_path / "data", [row(0, key="../../etc/passwd"), row(1)], files=1)
    result = call(data, "--model", run, "--out", tmp_path / "maps")
    assert isinstance(result.exception, DatasetError)
    assert "is no name for a file" in str(result.exception)


def test_maps_of_two_networks_do_not_mix(maps: Path, photos: Path, run: Path, tmp_path: Path):
    from bdstr.model import from_preset, preset_processor

    for part in (from_preset("small", pretrained=False), preset_processor("small")):
        part.save_pretrained(tmp_path / "other")
    result = call(photos, "--model", tmp_path / "other", "--out", maps)
    assert isinstance(result.exception, RunError)
    assert "maps of another network" in str(result.exception)


def test_a_folder_of_something_else_is_not_written_to(photos: Path, run: Path, tmp_path: Path):
    (tmp_path / "thesis.tex").touch()
    assert isinstance(call(photos, "--model", run, "--out", tmp_path).exception, RunError)
    assert isinstance(call(photos, "--model", run, "--out", photos / "maps").exception, UsageError)
    assert isinstance(call(tmp_path, "--model", run, "--out", tmp_path.parent / "m").exception, SourceError)
    assert isinstance(call("./none", "--model", run, "--out", tmp_path / "m").exception, SourceError)


def test_a_pickle_is_not_loaded(photos: Path, tmp_path: Path):
    (tmp_path / "model.pth").write_bytes(b"cos\nsystem\n")
    for model in (tmp_path / "model.pth", tmp_path):
        result = call(photos, "--model", model, "--out", tmp_path / "maps")
        assert isinstance(result.exception, ModelError)
        assert "model.pth is a pickle" in str(result.exception)


def test_a_preset_without_weights_is_told(photos: Path, tmp_path: Path):
    result = call(photos, "--model", "swin-base", "--out", tmp_path / "maps")
    assert isinstance(result.exception, ModelError)
    assert "no trained weights of swin-base" in str(result.exception)


def test_a_cutout_is_the_photograph_with_its_map_as_alpha(
    maps: Path, photos: Path, run: Path, tmp_path: Path
):
    out = tmp_path / "cut.png"
    result = CliRunner().invoke(cutout, [str(photos / "a.b.png"), "--model", str(run), "--out", str(out)])
    assert result.exit_code == 0, (result.output, result.exception)
    image = opened(out)
    assert image.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(image)[..., :3], scene(0)[0])
    alpha, levels = np.asarray(image, int)[..., 3], np.asarray(opened(maps / "a.b.png"), int)
    assert abs(alpha - levels).max() <= 1


def test_a_cutout_lies_beside_its_photograph_and_a_bad_one_is_told(run: Path, tmp_path: Path):
    (tmp_path / "bad.png").write_bytes(b"bad")
    (tmp_path / "cat.png").write_bytes(png(scene(0)[0]))
    photos = [str(tmp_path / name) for name in ("bad.png", "cat.png")]
    result = CliRunner().invoke(cutout, [*photos, "--model", str(run)])
    assert (tmp_path / "cat-cutout.png").exists()
    assert isinstance(result.exception, SourceError)
    assert "bad.png: a photograph that cannot be decoded" in str(result.exception)


def test_cutouts_do_not_take_each_others_place(run: Path, tmp_path: Path):
    for name in ("cat.png", "cat.webp"):
        Image.fromarray(scene(0)[0]).save(tmp_path / name)
    photos = [str(tmp_path / name) for name in ("cat.png", "cat.webp")]
    result = CliRunner().invoke(cutout, [*photos, "--model", str(run)])
    assert isinstance(result.exception, UsageError)
    assert "cat.png and " in str(result.exception)
    other = CliRunner().invoke(cutout, [photos[0], "--out", str(tmp_path / "cut.jpg")])
    assert "expected a name that ends in .png" in str(other.exception)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_cutout_keeps_a_profile_of_its_own_colours_alone(run: Path, tmp_path: Path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    inks = srgb[:16] + b"CMYK" + srgb[20:]
    for mode, profile, kept in (("RGB", srgb, srgb), ("CMYK", inks, None)):
        photo, out = tmp_path / f"{mode}.jpg", tmp_path / f"{mode}.png"
        Image.fromarray(scene(0)[0]).convert(mode).save(photo, icc_profile=profile)
        result = CliRunner().invoke(cutout, [str(photo), "--model", str(run), "--out", str(out)])
        assert result.exit_code == 0, (result.output, result.exception)
        assert opened(out).info.get("icc_profile") == kept


def test_the_weights_that_come_along_find_what_people_drew(shared_data: Path, tmp_path: Path):
    from sodeval import evaluate

    for folder, target in (("images", tmp_path / "photos"), ("gt", tmp_path / "gt")):
        target.mkdir()
        for file in sorted((shared_data / "ecssd" / folder).iterdir())[:12]:
            (target / file.name).symlink_to(file)
    result = call(tmp_path / "photos", "--out", tmp_path / "maps")
    assert result.exit_code == 0, (result.output, result.exception)
    scores = evaluate(tmp_path / "gt", {"tiny": tmp_path / "maps"}).results[0].scores
    assert scores["MAE"] < 0.08
    assert scores["maxF"] > 0.85


def test_the_weights_that_come_along_are_small():
    folder = packaged_folder("tiny")
    assert folder is not None
    assert sum(file.stat().st_size for file in folder.iterdir()) < 10_000_000
