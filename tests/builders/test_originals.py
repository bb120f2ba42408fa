"""The original models without their packages: pickles never run, and errors say what is missing."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from bdstr import extras
from bdstr.errors import RecipeError
from bdstr_builders.backends.original_dino import settings_of
from bdstr_builders.backends.original_segmenter import kind_of
from bdstr_builders.backends.originals import import_original
from bdstr_builders.backends.weights import fill, read_weights
from bdstr_builders.origin import in_words
from bdstr_builders.recipe import Recipe, read_recipe
from bdstr_builders.stages.originals import GroundingDinoOriginal, SamOriginal
from sodeval.errors import MissingExtraError

TWO = {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}


class Hostile:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def saved(file: Path, value: Any) -> Path:
    torch.save(value, file)
    return file


# --- pickles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("key", ["weight", "args"])
@pytest.mark.parametrize("by_environment", [True, False])
def test_what_a_checkpoint_wants_to_run_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool, key: str, by_environment: bool
):
    if by_environment:
        monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    mark, file = tmp_path / "ran", tmp_path / "sam.pth"
    torch.save({**TWO, key: Hostile(mark)}, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(RecipeError, match=r"sam\.pth holds more than weights and was not loaded.*mkdir"):
        read_weights(file)
    assert not mark.exists()


def test_a_bare_pickle_is_not_run(tmp_path: Path):
    file = tmp_path / "sam.pth"
    file.write_bytes(pickle.dumps(Hostile(tmp_path / "ran")))
    with pytest.raises(RecipeError, match=r"sam\.pth"):
        read_weights(file)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"<!DOCTYPE html>", bytes(range(256))])
def test_what_is_no_checkpoint_is_refused_by_name(tmp_path: Path, content: bytes):
    file = tmp_path / "sam.pth"
    file.write_bytes(content)
    with pytest.raises(RecipeError, match=r"sam\.pth .*; expected"):
        read_weights(file)


def test_a_checkpoint_that_was_cut_off_is_refused(tmp_path: Path):
    file = saved(tmp_path / "sam.pth", TWO)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(RecipeError, match="is no checkpoint, or is damaged"):
        read_weights(file)


@pytest.mark.parametrize("value", [[1, 2], {}, {"epoch": 3}, {"model": {}}, torch.ones(2)])
def test_a_checkpoint_without_weights_by_name_is_refused(tmp_path: Path, value: Any):
    with pytest.raises(RecipeError, match=r"sam\.pth.*expected (weights by name|a tensor)"):
        read_weights(saved(tmp_path / "sam.pth", value), below="model")


def test_weights_are_read_as_they_were_saved(tmp_path: Path):
    parallel = {f"module.{name}": value for name, value in TWO.items()}
    for value, below in ((TWO, None), ({"model": parallel}, "model"), (TWO, "model")):
        read = read_weights(saved(tmp_path / "a.pth", value), below)
        assert {name: one.tolist() for name, one in read.items()} == {k: v.tolist() for k, v in TWO.items()}


# --- architectures --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"weight": TWO["weight"]}, "it lacks 'bias'; expected the weights of Linear"),
        (TWO | {"query": TWO["bias"]}, "nothing takes 'query'; expected the weights of Linear"),
        (TWO | {"bias": torch.zeros(5)}, r"size mismatch for bias.*\[5\].*\[2\].*expected those of Linear"),
    ],
)
def test_weights_of_another_architecture_are_refused(weights: dict[str, torch.Tensor], said: str):
    with pytest.raises(RecipeError, match=rf"a\.pth.*{said}"):
        fill(torch.nn.Linear(3, 2), weights, Path("a.pth"))


def test_what_only_training_needs_is_passed_over():
    model = torch.nn.Linear(3, 2)
    fill(model, TWO | {"label_enc.weight": torch.ones(1)}, Path("a.pth"), frozenset({"label_enc.weight"}))
    assert model.weight.tolist() == TWO["weight"].tolist()


@pytest.mark.parametrize(("width", "kind"), [(768, "vit_b"), (1024, "vit_l"), (1280, "vit_h")])
def test_the_kind_of_a_sam_is_told_by_its_width(width: int, kind: str):
    weights = {"image_encoder.pos_embed": torch.zeros(1, 1, 1, width)}
    assert kind_of(weights, Path("sam.pth")) == kind


def test_another_model_is_no_sam_and_no_grounding_dino():
    with pytest.raises(RecipeError, match=r"a\.pth is no SAM: it lacks 'image_encoder"):
        kind_of(TWO, Path("a.pth"))
    with pytest.raises(
        RecipeError, match=r"a\.pth: an image encoder 32 wide; expected that of vit_b \(768\)"
    ):
        kind_of({"image_encoder.pos_embed": torch.zeros(1, 1, 1, 32)}, Path("a.pth"))
    with pytest.raises(RecipeError, match=r"a\.pth is no Grounding DINO: it lacks 'backbone"):
        settings_of(TWO, Path("a.pth"))
    with pytest.raises(RecipeError, match=r"a\.pth: an image encoder 192 wide; expected 96"):
        settings_of({"backbone.0.patch_embed.proj.weight": torch.zeros(192, 3, 4, 4)}, Path("a.pth"))


# --- packages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "package"),
    [
        (SamOriginal(), "segment_anything"),
        (GroundingDinoOriginal(), "groundingdino"),
        (SamOriginal(), "torchvision"),
        (GroundingDinoOriginal(), "torchvision"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    stage: SamOriginal | GroundingDinoOriginal, package: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == package else object())
    with pytest.raises(MissingExtraError, match=rf"{package} is not installed.*pip install '\.\[original\]'"):
        stage.build()


def test_a_package_that_cannot_be_imported_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "half_installed.py").write_text(
        "raise RuntimeError('operator torchvision::nms does not exist')"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RecipeError, match=r"half_installed .*nms does not exist.*torchvision of one build"):
        import_original("half_installed")


# --- recipe ---------------------------------------------------------------------------------------


def original(sam: Path, dino: Path) -> Recipe:
    models = {"segment.sam-original": {"model": str(sam)}, "ground.dino-original": {"model": str(dino)}}
    return read_recipe("bds-tr-original", models)


def test_a_checkpoint_counts_by_content_wherever_it_lies(tmp_path: Path):
    sam, dino = saved(tmp_path / "sam.pth", TWO), saved(tmp_path / "dino.pth", TWO)
    first = original(sam, dino).fingerprint
    (tmp_path / "moved").mkdir()
    moved = tmp_path / "moved" / "sam.pth"
    moved.write_bytes(sam.read_bytes())
    assert original(moved, dino).fingerprint == first
    saved(moved, TWO | {"bias": torch.ones(2)})
    assert original(moved, dino).fingerprint != first
    assert original(sam, moved).fingerprint != first
    assert read_recipe("bds-tr").fingerprint != first


def test_a_text_encoder_in_a_folder_counts_by_content(tmp_path: Path):
    file = saved(tmp_path / "dino.pth", TWO)
    (tmp_path / "model.safetensors").write_bytes(b"1")

    def fingerprint(vocabulary: str) -> str:
        (tmp_path / "vocab.txt").write_text(vocabulary)
        stage = GroundingDinoOriginal(model=str(file), text_encoder=str(tmp_path))
        return Recipe("r", 0, (stage,)).fingerprint

    assert fingerprint("dog") != fingerprint("cat")


def test_a_checkpoint_that_is_not_there_is_refused_before_any_work(tmp_path: Path):
    with pytest.raises(
        RecipeError, match=r"none\.pth: no such file.*--set segment\.sam-original\.model=PATH"
    ):
        original(tmp_path / "none.pth", tmp_path / "none.pth").fingerprint  # noqa: B018


def test_the_card_names_a_checkpoint_without_its_folder(tmp_path: Path):
    told = in_words(SamOriginal(model=str(saved(tmp_path / "sam.pth", TWO))))
    assert "model = sam.pth (sha256:" in told
    assert str(tmp_path) not in told
