"""The recipe `bds-tr` from photographs to a dataset, through the code that loads the real models."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("torch")

import datasets
import pyarrow.parquet as pq

from bdstr import rle
from bdstr.errors import RecipeError, UsageError
from bdstr.masks import known
from bdstr.schema import check_row
from bdstr_builders.commands.generate import generate
from bdstr_builders.commands.settings import read_settings
from bdstr_builders.recipe import read_recipe
from bdstr_builders.shipped import known_recipes

LENIENT = {  # what random weights make is no salient object
    "check.quality.min_area": 0.0,
    "check.quality.max_area": 1.0,
    "check.quality.max_components": 999,
    "check.quality.min_completeness": 0.0,
    "check.quality.max_inversion": 1.0,
}


def call(photographs: Path, out: Path, tiny: SimpleNamespace, **more: object) -> Result:
    models = {
        "caption.blip.model": tiny.blip,
        "ground.dino.model": tiny.dino,
        "segment.sam.model": tiny.sam,
        "ground.dino.box_threshold": 0.9,
    }
    settings = models | LENIENT | more
    options = [text for name, value in settings.items() for text in ("--set", f"{name}={value}")]
    return CliRunner().invoke(generate, [str(photographs), "--recipe", "bds-tr", "--out", str(out), *options])


@pytest.fixture(scope="module")
def made(tiny: SimpleNamespace, demo_photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "bds-tr"
    result = call(demo_photographs, out, tiny)
    assert result.exit_code == 0, result.output
    assert "7 rows in 1 file, 0 rejects" in result.output
    return out


def test_seven_photographs_become_seven_rows(made: Path):
    rows = datasets.load_dataset("parquet", data_files=str(made / "data" / "*.parquet"), split="train")
    assert len(rows) == 7
    for row in rows.cast_column("image", datasets.Image(decode=False)).cast_column(
        "mask", datasets.Image(mode="L", decode=False)
    ):
        check_row(row)


def test_a_row_keeps_what_stands_behind_its_mask(made: Path):
    rows = datasets.load_dataset("parquet", data_files=str(made / "data" / "*.parquet"), split="train")
    for row in rows:
        mask = np.asarray(row["mask"]) > 0
        assert row["caption"]
        assert row["phrase"].endswith(" .")
        parts = [rle.decode(one["rle"]) for one in row["instances"]]
        assert mask.tolist() == np.logical_or.reduce(parts).tolist()
        assert known(row).shape == mask.shape
        for one in row["instances"]:
            assert one["phrase"] in row["phrase"]
            assert one["score"] > 0.2
            assert len(one["alternatives"]) == 2


def test_a_second_run_makes_the_same_bytes(
    made: Path, tiny: SimpleNamespace, demo_photographs: Path, tmp_path: Path
):
    again = tmp_path / "bds-tr"
    assert call(demo_photographs, again, tiny).exit_code == 0
    for file in sorted((made / "data").iterdir()):
        assert (again / "data" / file.name).read_bytes() == file.read_bytes()


def test_what_is_not_found_is_in_the_rejects(tiny: SimpleNamespace, demo_photographs: Path, tmp_path: Path):
    out = tmp_path / "bds-tr"
    none = {"ground.dino.box_threshold": 1.0, "ground.dino.retry_threshold": 1.0}
    result = call(demo_photographs, out, tiny, **none)
    assert result.exit_code == 0, result.output
    rejects = pq.read_table(out / "rejects.parquet").to_pylist()
    assert [(row["stage"], row["reason"]) for row in rejects] == [("ground.dino", "no-box")] * 7


def test_another_model_is_another_recipe_and_a_moved_one_is_not(tiny: SimpleNamespace, tmp_path: Path):
    def fingerprint(folder: Path) -> str:
        return read_recipe("bds-tr", {"caption.blip": {"model": str(folder)}}).fingerprint

    moved = tmp_path / "moved"
    moved.mkdir()
    for file in tiny.blip.iterdir():
        (moved / file.name).write_bytes(file.read_bytes())
    assert fingerprint(moved) == fingerprint(tiny.blip)
    (moved / "config.json").write_text((moved / "config.json").read_text() + " ")
    assert fingerprint(moved) != fingerprint(tiny.blip)


def test_the_recipes_come_with_bdstr():
    assert {"bds-tr", "bds-tr-small"} <= set(known_recipes())
    assert read_recipe("bds-tr").fingerprint != read_recipe("bds-tr-small").fingerprint


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("segment.sam.model=/x y/sam", {"segment.sam": {"model": "/x y/sam"}}),
        ("ground.dino.batch=2", {"ground.dino": {"batch": 2}}),
        ('segment.sam.revision="123"', {"segment.sam": {"revision": "123"}}),
        ("caption.blip.prompt=a=b", {"caption.blip": {"prompt": "a=b"}}),
    ],
)
def test_a_setting_is_read(text: str, settings: dict[str, object]):
    assert read_settings([text]) == settings


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("model", UsageError, "expected STAGE.PARAM=VALUE"),
        ("segment.sma.model=x", UsageError, "did you mean 'segment.sam'"),
        ("segment.sam.modle=x", RecipeError, "did you mean 'model'"),
        ("segment.sam.batch=x", RecipeError, "expected int"),
        ("segment.sam.model=./none", RecipeError, "no such folder"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_before_any_work(
    text: str, error: type[Exception], said: str, demo_photographs: Path, tmp_path: Path
):
    out = tmp_path / "out"
    arguments = [str(demo_photographs), "--recipe", "bds-tr", "--out", str(out), "--set", text]
    result = CliRunner().invoke(generate, arguments)
    assert isinstance(result.exception, error)
    assert said in str(result.exception)
    assert not out.exists()
