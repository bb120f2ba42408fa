"""A model's branch that moves, or a folder that changes, while a dataset is made: rows of two never mix."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from photographs import write_scenes

pytest.importorskip("torch")

from huggingface_hub import constants

from bdstr.errors import RecipeError, RunError
from bdstr_builders.commands.generate import generate
from bdstr_builders.commands.status import status
from bdstr_builders.folder import find_items
from bdstr_builders.pinning import commits_of, pin
from bdstr_builders.pipeline import Generating
from bdstr_builders.recipe import Recipe, read_recipe, recipe_of
from bdstr_builders.run.building import built
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.stages.network_box import NetworkBox
from bdstr_builders.stages.originals import GroundingDinoOriginal

FIRST, SECOND = "1" * 40, "2" * 40
RECIPE = """
name = "r"
seed = 1
[[stage]]
use = "ground.saliency"
[[stage]]
use = "segment.sam"
model = "lab/sam"
revision = "main"
"""


@pytest.fixture
def branch(tiny: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of what was downloaded that says where ``main`` of lab/sam is, of two commits."""
    import tiny_models

    repo = tmp_path / "cache" / "models--lab--sam"
    shutil.copytree(tiny.sam, repo / "snapshots" / FIRST)
    tiny_models.save_sam(repo / "snapshots" / SECOND, seed=1)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(FIRST)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(repo.parent))
    return repo / "refs" / "main"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four photographs, and a recipe with a model of the Hub."""
    write_scenes(tmp_path, 4)
    (tmp_path / "r.toml").write_text(RECIPE)
    return tmp_path


def call(root: Path, out: str, *more: str) -> Result:
    options = ["--recipe", root / "r.toml", "--rows-per-shard", 2, "--out", root / out, *more]
    return CliRunner().invoke(generate, [str(one) for one in (root / "images", *options)])


def data_of(out: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((out / "data").iterdir())}


def test_a_branch_that_moved_ends_a_run_which_goes_on_at_the_commit_that_it_began_with(
    branch: Path, root: Path
) -> None:
    assert call(root, "whole").exit_code == 0
    assert call(root, "out", "--shard", "1/2").exit_code == 0
    branch.write_text(SECOND)
    moved = call(root, "out", "--shard", "2/2")
    assert isinstance(moved.exception, RunError)
    said = f"revision={SECOND}: call it as before, with --set segment.sam.revision={FIRST}, or choose another"
    assert said in str(moved.exception)
    assert call(root, "out", "--shard", "2/2", "--set", f'segment.sam.revision="{FIRST}"').exit_code == 0
    assert call(root, "other").exit_code == 0
    assert data_of(root / "out") == data_of(root / "whole")
    assert data_of(root / "out").keys() == data_of(root / "other").keys()
    assert not set(data_of(root / "out").values()) & set(data_of(root / "other").values())


def test_the_card_and_the_status_tell_the_commit(branch: Path, root: Path) -> None:
    assert call(root, "out").exit_code == 0
    card = (root / "out" / "README.md").read_text()
    assert f"revision = '{FIRST}'" in card
    told = CliRunner().invoke(status, [str(root / "out")]).output
    assert told.endswith(f"  segment.sam.revision = {FIRST}\n")
    told = CliRunner().invoke(status, [str(root / "out"), "--json"]).output
    assert json.loads(told)["commits"] == {"segment.sam.revision": FIRST}


def test_a_branch_may_move_until_something_is_made(branch: Path, root: Path) -> None:
    def plan() -> str:
        work = Generating(pin(read_recipe(str(root / "r.toml"))))
        return make_plan(root / "out", find_items(root / "images"), work.in_words).work

    assert plan().endswith(f"segment.sam.revision={FIRST}")
    branch.write_text(SECOND)
    assert plan().endswith(f"segment.sam.revision={SECOND}")


def test_only_models_of_the_hub_are_pinned(tiny: SimpleNamespace, branch: Path) -> None:
    local = read_recipe(
        "bds-tr",
        {
            "caption.blip": {"model": str(tiny.blip)},
            "ground.dino": {"model": str(tiny.dino)},
            "segment.sam": {"model": "lab/sam"},
        },
    )
    assert commits_of(local) == ()
    pinned = pin(local)
    assert commits_of(pinned) == (f"segment.sam.revision={FIRST}",)
    assert pin(pinned) == pinned
    others = Recipe("r", 1, (NetworkBox(), NetworkBox(model="swin-base"), GroundingDinoOriginal()))
    assert pin(others) == others
    assert [text.partition("=")[0] for text in commits_of(others)] == [
        "ground.dino-original.text_encoder_revision"
    ]


def test_what_the_hub_does_not_tell_is_refused_before_any_work(branch: Path, root: Path) -> None:
    result = call(root, "out", "--set", "segment.sam.model=lab/none")
    assert isinstance(result.exception, RecipeError)
    assert "lab/none at main: which commit that is cannot be found" in str(result.exception)
    assert not (root / "out").exists()


@pytest.mark.parametrize("processes", [1, 2])
def test_a_process_that_finds_another_model_in_the_folder_makes_nothing(
    tiny: SimpleNamespace, root: Path, processes: int
) -> None:
    folder = shutil.copytree(tiny.sam, root / "sam")
    stages = [{"use": "ground.saliency"}, {"use": "segment.sam", "model": str(folder)}]
    work = Generating(recipe_of({"name": "r", "seed": 1, "stage": stages}, "r", {}))
    source = find_items(root / "images")
    plan = make_plan(root / "out", source, work.in_words, 2)
    assert built(plan, work)
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    with pytest.raises(RunError, match="another on this machine, or was changed"):
        run(plan, source, work, processes=processes)
    assert not list(root.glob("out/data/*"))
