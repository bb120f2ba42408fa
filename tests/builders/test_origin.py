"""What the card of a run tells: the recipe with all its choices, and no path of the machine."""

from __future__ import annotations

import shlex
from pathlib import Path

from huggingface_hub import DatasetCard
from photographs import write_scenes

from bdstr.card import rows_of
from bdstr_builders.commands.settings import read_settings
from bdstr_builders.folder import find_items
from bdstr_builders.origin import in_words, origin_of_packed, origin_of_recipe
from bdstr_builders.pipeline import Generating, Packing
from bdstr_builders.recipe import read_recipe, recipe_of
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.stages.sam import Sam


def write_annotations(folder: Path) -> Path:
    file = folder / "secret place" / "boxes.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text('{"key": "000", "text": "a block", "boxes": [[8, 8, 40, 36]]}\n')
    return file


def test_the_card_of_a_run_names_recipe_fingerprint_and_stages_but_no_path(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    file = write_annotations(tmp_path)
    recipe = read_recipe(
        "offline", {"text.annotations": {"file": file}, "ground.annotations": {"file": file}}
    )
    found, work = find_items(tmp_path / "images"), Generating(recipe)
    summary = run(make_plan(tmp_path / "out", found, work.fingerprint, 2), found, work)

    text = (tmp_path / "out" / "README.md").read_text()
    assert rows_of(tmp_path / "out") == {"train": summary.rows}
    assert DatasetCard(text).data.get("bdstr")["fingerprint"] == recipe.fingerprint
    for stage in recipe.stages:
        assert in_words(stage) in text
    assert "boxes.jsonl" in text
    assert "--recipe offline --annotations ANNOTATIONS --out FOLDER --rows-per-shard 2\n" in text
    assert str(tmp_path) not in text
    assert "secret place" not in text


def test_sizes_are_those_of_the_files(tmp_path: Path) -> None:
    write_scenes(tmp_path, 5)
    found, work = find_items(tmp_path / "images", tmp_path / "masks"), Packing(licence="CC0-1.0")
    run(make_plan(tmp_path / "out", found, work.fingerprint, 2), found, work)
    said = DatasetCard((tmp_path / "out" / "README.md").read_text()).data
    assert said.license == "cc0-1.0"
    files = list((tmp_path / "out" / "data").iterdir())
    assert said.get("dataset_info")["download_size"] == sum(file.stat().st_size for file in files)
    assert len(files) == 3


def test_the_language_is_that_of_the_captioner_or_unknown_or_none(tmp_path: Path) -> None:
    given = {"text.annotations": {"file": write_annotations(tmp_path)}}
    assert origin_of_recipe(read_recipe("bds-tr")).language == "en"
    assert origin_of_recipe(read_recipe("offline", given)).language == "und"
    assert origin_of_recipe(read_recipe("offline")).language == "zxx"
    assert origin_of_packed("drawn", "DUTS", None).language == "zxx"


def test_a_model_in_a_folder_is_named_by_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").write_bytes(b"weights")
    said = in_words(Sam(model=str(tmp_path / "mine")))
    assert "model = mine (sha256:" in said
    assert str(tmp_path) not in said


def test_a_command_can_be_pasted_whatever_the_source_is_called() -> None:
    assert origin_of_packed("drawn", "it's DUTS", "CC BY").again == (
        """bdstr pack IMAGES MASKS --out FOLDER --source 'it'"'"'s DUTS' --licence 'CC BY'"""
    )


def test_the_command_of_a_card_makes_the_same_again_and_names_no_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").write_bytes(b"weights")
    settings = {
        "check.leakage": {"against": []},
        "segment.sam": {"model": str(tmp_path / "mine"), "device": "cpu"},
        "ground.dino": {"box_threshold": 0.4},
    }
    again = origin_of_recipe(read_recipe("bds-tr", settings)).again
    assert again == (
        "bdstr generate IMAGES --recipe bds-tr --set 'check.leakage.against=[]' "
        """--set ground.dino.box_threshold=0.4 --set 'segment.sam.model="mine"' --out FOLDER"""
    )
    texts = [text for text in shlex.split(again) if "=" in text]
    assert {stage: dict(values) for stage, values in read_settings(texts).items()} == {
        "check.leakage": {"against": []},
        "segment.sam": {"model": "mine"},
        "ground.dino": {"box_threshold": 0.4},
    }


def test_a_recipe_in_a_file_of_ones_own_is_called_as_one() -> None:
    for name in ("mine", "offline"):
        stages = [{"use": "ground.saliency"}, {"use": "segment.grabcut"}]
        recipe = recipe_of({"name": name, "seed": 1, "stage": stages}, name, {})
        assert origin_of_recipe(recipe).again == "bdstr generate IMAGES --recipe RECIPE.toml --out FOLDER"
