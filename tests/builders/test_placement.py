"""``--device``: one choice for all models, settled before any work, and part of what a run is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from photographs import write_scenes

pytest.importorskip("torch")

import torch

from bdstr.errors import RecipeError, RunError, UsageError
from bdstr_builders.backends import loading
from bdstr_builders.commands.generate import generate
from bdstr_builders.pipeline import Generating
from bdstr_builders.placement import gpus_for, of_process, place, place_on_cluster, placed_on
from bdstr_builders.recipe import Recipe, read_recipe


@pytest.fixture
def recipe() -> Recipe:
    return read_recipe("bds-tr")


def call(root: Path, *more: object) -> Result:
    arguments = [root / "images", "--out", root / "o", *more]
    return CliRunner().invoke(generate, [str(one) for one in arguments])


def test_one_option_places_every_model_and_no_other_stage(recipe: Recipe) -> None:
    placed = {stage.name: stage for stage in place(recipe, "cpu").stages}
    models = ["caption.blip", "ground.dino", "segment.sam"]
    assert [(placed[name].device, placed[name].dtype) for name in models] == [("cpu", "float32")] * 3
    assert placed["check.quality"] in recipe.stages


def test_a_model_of_one_precision_alone_is_placed_too(tmp_path: Path) -> None:
    checkpoint = tmp_path / "model.pth"
    checkpoint.write_bytes(b"weights")
    names = ("ground.dino-original", "segment.sam-original")
    placed = place(
        read_recipe("bds-tr-original", {name: {"model": str(checkpoint)} for name in names}), "cpu"
    )
    assert {stage.device for stage in placed.stages if hasattr(stage, "device")} == {"cpu"}


def test_a_stage_that_names_its_device_keeps_it() -> None:
    recipe = read_recipe("bds-tr", {"segment.sam": {"device": "cuda:1"}})
    assert [s.device for s in place_on_cluster(recipe, "cpu").stages if hasattr(s, "device")] == [
        "cpu",
        "cpu",
        "cuda:1",
    ]
    assert placed_on(place_on_cluster(recipe, "cpu")) == ("cpu", "cuda")


def test_auto_is_what_it_stands_for_in_the_fingerprint(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert place(recipe, "auto").fingerprint == place(recipe, "cpu").fingerprint
    monkeypatch.setattr(loading, "pick_device", lambda name: torch.device("cuda"))
    monkeypatch.setattr(loading, "pick_dtype", lambda name, device: torch.bfloat16)
    assert place(recipe, "auto").fingerprint != place_on_cluster(recipe, "cpu").fingerprint
    assert placed_on(place(recipe, "auto")) == ("cuda",)


def test_which_of_a_machines_gpus_makes_no_difference_and_the_kind_of_device_does(recipe: Recipe) -> None:
    def fingerprint(device: str) -> str:
        return read_recipe("bds-tr", {"segment.sam": {"device": device}}).fingerprint

    assert fingerprint("cuda") == fingerprint("cuda:1") != fingerprint("cpu")
    assert fingerprint("mps") != fingerprint("cpu")


def test_processes_take_gpus_in_turn_and_make_the_same_rows() -> None:
    recipe = place_on_cluster(read_recipe("bds-tr", {"segment.sam": {"device": "cuda:1"}}), "cuda")
    moved = [of_process(recipe, number, gpus=2) for number in range(3)]
    devices = [[stage.device for stage in one.stages if hasattr(stage, "device")] for one in moved]
    own = ["cuda:0", "cuda:1", "cuda:0"]
    assert devices == [[gpu, gpu, "cuda:1"] for gpu in own]  # BLIP, Grounding DINO; SAM keeps its own
    assert {one.fingerprint for one in moved} == {recipe.fingerprint}


def test_processes_without_gpus_stay_where_they_are(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    on_cpu = place(recipe, "cpu")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert Generating(on_cpu).of_process(1).recipe == on_cpu
    assert gpus_for(place_on_cluster(recipe, "cuda")) == 2


@pytest.mark.parametrize("device", ["cuda:99", "gpu"])
def test_a_device_that_is_not_there_is_one_error_before_any_work_that_says_what_is(
    tmp_path: Path, device: str
) -> None:
    write_scenes(tmp_path, 1)
    done = call(tmp_path, "--recipe", "bds-tr", "--device", device)
    assert isinstance(done.exception, RecipeError)
    assert str(done.exception).startswith(f"device '{device}': ")
    assert "; there is cpu" in str(done.exception)
    assert "\n" not in str(done.exception)
    assert not (tmp_path / "o").exists()


def test_a_device_that_nothing_would_use_is_a_slip(tmp_path: Path) -> None:
    write_scenes(tmp_path, 1)
    done = call(tmp_path, "--recipe", "offline", "--device", "cuda")
    assert isinstance(done.exception, UsageError)
    assert "the recipe offline has no model" in str(done.exception)
    assert not (tmp_path / "o").exists()


def test_a_cluster_wants_a_device_by_name(recipe: Recipe) -> None:
    with pytest.raises(UsageError, match=r"--device auto on a cluster; expected cuda or cpu"):
        place_on_cluster(recipe, "auto")


def test_a_run_begun_on_one_kind_of_device_does_not_go_on_on_another(
    tmp_path: Path, tiny: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scenes(tmp_path, 1)
    models = (("caption.blip", tiny.blip), ("ground.dino", tiny.dino), ("segment.sam", tiny.sam))
    options = [text for name, model in models for text in ("--set", f"{name}.model={model}")]
    assert call(tmp_path, "--recipe", "bds-tr", *options).exit_code == 0
    monkeypatch.setattr(loading, "pick_device", lambda name: torch.device("cuda"))
    done = call(tmp_path, "--recipe", "bds-tr", *options)
    assert isinstance(done.exception, RunError)
    assert " on cpu; this one has bds-tr " in str(done.exception)
    assert " on cuda: call it as before" in str(done.exception)
