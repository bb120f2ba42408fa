"""Photographs to a dataset: what is made, what is rejected, and that a kill at any moment changes no byte."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from photographs import SIZE, save, scene, write_scenes
from PIL import Image
from test_folder import bad_files

from bdstr.cli import cli
from bdstr.errors import RunError
from bdstr.schema import check_row
from bdstr_builders.folder import find_items
from bdstr_builders.pipeline import Generating
from bdstr_builders.recipe import read_recipe
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.sheet import contact_sheet, text_of
from bdstr_builders.spread import spread_of
from sodeval.errors import ToldError

COUNT = 23


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs, their masks, and a few files that cannot become rows."""
    root = tmp_path_factory.mktemp("photographs")
    write_scenes(root, COUNT)
    bad_files(root / "images" / "bad")
    return root


def call(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from bdstr.cli import main; main()", *map(str, arguments)]


def bdstr(*arguments: object, code: int = 0) -> str:
    """What a command says, and the message of its error; in this process, which is quicker than a new one."""
    done = CliRunner().invoke(cli, [str(one) for one in arguments])
    told = done.exception if isinstance(done.exception, ToldError) else None
    assert (told.exit_code if told else done.exit_code) == code, done.exception or done.output
    return f"{done.output}{told or ''}"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def undisturbed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "bds-tr"
    bdstr("boxes", root / "masks", "--out", root / "boxes.jsonl")
    bdstr("generate", root / "images", *common(root), "--out", out)
    return out


def common(root: Path) -> tuple[str, ...]:
    return ("--annotations", str(root / "boxes.jsonl"), "--rows-per-shard", "7")


# ---- what is made ----------------------------------------------------------------------------------


def test_every_photograph_has_a_row_or_a_reject_with_its_reason(root: Path, undisturbed: Path) -> None:
    keys = [row["key"] for row in rows_of(undisturbed)]
    rejects = pq.read_table(undisturbed / "rejects.parquet").to_pylist()
    assert keys == [f"{i:03}" for i in range(COUNT)]
    assert {row["key"].removeprefix("bad/"): row["reason"] for row in rejects} == {
        "cmyk": "cmyk",
        "deep": "16-bit",
        "dot": "too-small",
        "empty": "empty",
        "moving": "animated",
        "not-an-image": "not-an-image",
        "truncated": "truncated",
        "unreadable": "unreadable",
        "wide": "too-large",
    }


def rows_of(out: Path) -> list[dict[str, Any]]:
    return [row for file in sorted(out.glob("data/*.parquet")) for row in pq.read_table(file).to_pylist()]


def test_rows_keep_to_the_schema_and_find_the_object(root: Path, undisturbed: Path) -> None:
    for i, row in enumerate(rows_of(undisturbed)[:COUNT]):
        check_row(row)
        assert row["image"]["bytes"] == (root / "images" / f"{i:03}.jpg").read_bytes()
        assert (
            row["recipe"]
            == read_recipe(
                "offline",
                {name: {"file": root / "boxes.jsonl"} for name in ("text.annotations", "ground.annotations")},
            ).fingerprint
        )


def test_the_masks_are_close_to_the_drawn_ones(root: Path, undisturbed: Path) -> None:
    report = json.loads(bdstr("audit", undisturbed, "--gt", root / "masks", "--format", "json"))
    (result,) = report["results"]
    assert result["images"] == COUNT
    assert result["scores"]["MAE"] < 0.02


def test_what_of_the_drawn_masks_cannot_be_used_is_one_error_that_names_it(
    root: Path, undisturbed: Path, tmp_path: Path
) -> None:
    (tmp_path / "000.png").write_bytes((root / "masks" / "000.png").read_bytes())
    assert f"no mask for {COUNT - 1} rows" in bdstr("audit", undisturbed, "--gt", tmp_path)
    (tmp_path / "000.png").write_bytes(b"mine")
    said = bdstr("audit", undisturbed, "--gt", tmp_path, code=3)
    assert f"{tmp_path / '000.png'}: not-an-image" in said
    (tmp_path / "000.png").rename(tmp_path / "x.png")
    said = bdstr("audit", undisturbed, "--gt", tmp_path, code=3)
    assert "holds masks called like x" in said
    assert "rows called like 000" in said


def test_load_dataset_reads_it(undisturbed: Path, tmp_path: Path) -> None:
    dataset = datasets.load_dataset(str(undisturbed), split="train", cache_dir=tmp_path)
    assert len(dataset) == COUNT
    assert dataset[0]["image"].size == dataset[0]["mask"].size


def test_status_tells_what_is_done(undisturbed: Path) -> None:
    status = json.loads(bdstr("status", undisturbed, "--json"))
    assert (status["done"], status["shards"], status["rows"]) == (5, 5, COUNT)
    assert status["reasons"]["read: cmyk"] == 1


def test_status_tells_of_a_file_that_was_cut_off(undisturbed: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(undisturbed, tmp_path / "bds-tr"))
    victim = out / "data" / "train-00001-of-00005.parquet"
    victim.write_bytes(victim.read_bytes()[:-1])
    said = bdstr("status", out)
    assert f"{victim} is damaged or gone: run it again" in said
    assert "4 of 5 shards done" in said
    status = json.loads(bdstr("status", out, "--json"))
    assert (status["finished"], status["damaged"]) == (False, [str(victim)])


def test_a_dataset_without_rows_is_told_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(b"")
    said = bdstr("generate", tmp_path / "images", "--out", tmp_path / "o")
    assert "no rows, so load_dataset has nothing to load" in said.splitlines()[-1]


def test_a_dataset_is_drawn_as_one_page(undisturbed: Path, tmp_path: Path) -> None:
    bdstr("inspect", undisturbed, "--out", tmp_path / "page", "--sample", "5")
    page = (tmp_path / "page" / "index.html").read_text()
    assert f"{COUNT} rows; 5 of them drawn" in page
    assert 'src="http' not in page
    assert page.count("<figcaption>") == 5
    with Image.open(tmp_path / "page" / "sheet.png") as sheet:
        assert sheet.size == (5 * 328 + 8, 350 + 8)  # with a line of text below each picture
    spread, rows = spread_of(sorted(undisturbed.glob("data/*.parquet"))), rows_of(undisturbed)
    assert spread.quality["area"] == [row["quality"]["area"] for row in rows]
    assert spread.boxes == [len(row["instances"]) for row in rows]
    scores = [one["score"] for row in rows for one in row["instances"] if one["score"] is not None]
    assert spread.scores == scores
    assert spread.sizes == {SIZE[::-1]: COUNT}


def test_sizes_of_rows_without_masks_are_those_of_their_photographs_upright(tmp_path: Path) -> None:
    for i, exif in enumerate((None, {0x0112: 6})):
        turned = Image.Exif()
        turned.update(exif or {})
        save(tmp_path / "images" / f"{i}.jpg", scene(i)[0], exif=turned)
    bdstr("pack", tmp_path / "images", "--out", tmp_path / "o")
    assert spread_of(sorted((tmp_path / "o").glob("data/*.parquet"))).sizes == {SIZE: 1, SIZE[::-1]: 1}


def test_a_sheet_says_below_a_picture_what_is_in_it() -> None:
    row = {"caption": None, "phrase": None, "key": "some/where/001"}
    assert text_of(row) == "001"
    assert text_of(row | {"phrase": "a dog"}) == "a dog"
    picture = np.zeros((40, 320, 3), np.uint8)
    for text in ("a dog", "a dog " * 90):
        below = np.asarray(contact_sheet([picture], [text]))[8 + 320 :]
        assert 0 < np.nonzero(below < 128)[1].min() < np.nonzero(below < 128)[1].max() < 328


# ---- what never happens ----------------------------------------------------------------------------


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(
    root: Path, undisturbed: Path, tmp_path: Path, processes: str
) -> None:
    moments = random.Random(int(processes))
    arguments = (
        "generate",
        root / "images",
        *common(root),
        "--out",
        tmp_path / "bds-tr",
        "--processes",
        processes,
    )
    for _ in range(3):
        process = subprocess.Popen(call(*arguments), stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(moments.uniform(0.3, 2.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    bdstr(*arguments)
    left = {name for name in contents(tmp_path / "bds-tr") if name.endswith(".tmp")}
    assert {k: v for k, v in contents(tmp_path / "bds-tr").items() if k not in left} == contents(undisturbed)


def test_parts_on_several_machines_make_the_same_bytes(root: Path, undisturbed: Path, tmp_path: Path) -> None:
    for part in ("2/3", "1/3", "3/3"):
        said = bdstr(
            "generate", root / "images", *common(root), "--out", tmp_path / "bds-tr", "--shard", part
        )
    assert "rejects" in said
    assert contents(tmp_path / "bds-tr") == contents(undisturbed)


@pytest.mark.parametrize(
    "victim",
    ["data/train-00001-of-00005.parquet", ".run/shards/00001.json", ".run/rejects/00001.parquet"],
)
def test_a_file_that_was_damaged_is_named_and_made_again(
    root: Path, undisturbed: Path, tmp_path: Path, victim: str, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "bds-tr"
    for name, data in contents(undisturbed).items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data[: len(data) // 2] if name == victim else data)
    bdstr("generate", root / "images", *common(root), "--out", out)
    assert caplog.messages == [f"{out / victim} is damaged or gone: the shard is made again"]
    assert contents(out) == contents(undisturbed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--rows-per-shard", "9"), "holds a run with rows a shard 7; this one has 9"),
        (("--limit", "9"), " holds a run of 32 photographs; this one has 9, 009 is missing: "),
    ],
)
def test_another_run_never_mixes_with_what_is_there(
    root: Path, undisturbed: Path, change: tuple[str, str], message: str
) -> None:
    before = contents(undisturbed)
    said = bdstr("generate", root / "images", *common(root), *change, "--out", undisturbed, code=3)
    assert message in said
    assert contents(undisturbed) == before


def test_a_changed_recipe_never_mixes_with_old_shards(root: Path, undisturbed: Path) -> None:
    said = bdstr("generate", root / "images", "--rows-per-shard", "7", "--out", undisturbed, code=3)
    assert "holds a run with the recipe offline" in said


def test_a_run_that_made_nothing_gives_way_to_another_and_finds_its_place_taken(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    source = find_items(tmp_path / "images")
    work = Generating(read_recipe("offline", {}))
    first = make_plan(tmp_path / "o", source, f"{work.fingerprint} with a mistake", 2)
    first.hashes_file(0).parent.mkdir()
    first.hashes_file(0).write_text("of the same photographs")
    assert make_plan(tmp_path / "o", source, "mended", 2).work == "mended"
    assert first.hashes_file(0).exists()
    plan = make_plan(tmp_path / "o", source, work.in_words)
    assert not first.hashes_file(0).exists()  # of others in a shard
    with pytest.raises(RunError, match="another run has begun there meanwhile"):
        run(first, source, work)
    run(plan, source, work)
    with pytest.raises(RunError, match="holds a run with the recipe"):
        make_plan(tmp_path / "o", source, "another")


def test_a_folder_that_holds_something_else_is_left_alone(root: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    assert "holds files, but no run" in bdstr("generate", root / "images", "--out", tmp_path, code=3)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_in_which_a_run_was_killed_at_its_first_file_is_taken(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".run").mkdir()
    (tmp_path / ".run" / ".run.json.0.tmp").write_text("{")
    assert make_plan(tmp_path, find_items(root / "images"), "w").work == "w"


def test_nothing_is_written_among_the_photographs(root: Path) -> None:
    said = bdstr("generate", root / "images", "--out", root / "images" / "new", code=2)
    assert "lies in the input folder" in said


def test_what_was_rejected_for_one_reason_is_tried_again(tmp_path: Path) -> None:
    write_scenes(tmp_path, 6)
    victim = tmp_path / "images" / "004.jpg"
    whole = victim.read_bytes()
    victim.write_bytes(whole[: len(whole) // 2])
    arguments = ("generate", tmp_path / "images", "--out", tmp_path / "o", "--rows-per-shard", "2")
    assert "1 read: truncated" in bdstr(*arguments)
    victim.write_bytes(whole)
    first = (tmp_path / "o" / "data" / "train-00000-of-00003.parquet").stat().st_mtime_ns
    assert "1 read: truncated" in bdstr(*arguments)  # a finished shard is not read again by itself
    said = bdstr(*arguments, "--retry-rejects", "truncated")
    assert "1 photograph rejected for 'truncated' once more" in said
    assert "6 rows in 3 files, 0 rejects" in said
    said = bdstr(*arguments, "--retry-rejects", "truncated", code=2)
    assert "holds no photograph that was rejected; leave the option out" in said
    assert (tmp_path / "o" / "data" / "train-00000-of-00003.parquet").stat().st_mtime_ns == first


def test_parts_try_again_only_what_is_theirs(tmp_path: Path) -> None:
    write_scenes(tmp_path, 6)
    for name in ("001", "004"):  # of the first shard and of the last
        (tmp_path / "images" / f"{name}.jpg").write_bytes(b"")
    arguments = ("generate", tmp_path / "images", "--out", tmp_path / "o", "--rows-per-shard", "2")
    bdstr(*arguments)
    for part in ("1/2", "2/2"):
        said = bdstr(*arguments, "--retry-rejects", "empty", "--shard", part)
    assert "0 photographs rejected for 'empty' once more" in said
    assert "4 rows in 3 files, 2 rejects" in said


@pytest.mark.parametrize(
    ("reason", "known"), [("anim", "did you mean 'animated'?"), ("", "known are 16-bit, ")]
)
def test_a_reason_for_which_nothing_was_rejected_is_refused_before_any_work(
    root: Path, undisturbed: Path, tmp_path: Path, reason: str, known: str
) -> None:
    before, arguments = contents(undisturbed), ("generate", root / "images", *common(root))
    said = bdstr(*arguments, "--out", undisturbed, "--retry-rejects", reason, code=2)
    assert f"--retry-rejects {reason}: {undisturbed} holds no photograph rejected for it; {known}" in said
    assert contents(undisturbed) == before
    said = bdstr(*arguments, "--out", tmp_path / "o", "--retry-rejects", reason, code=2)
    assert "nothing was rejected yet; leave the option out" in said
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--engine", "ray", "--shard", "1/2"),
        ("--engine", "ray", "--processes", "2"),
        ("--ray-address", "localhost:1"),
    ],
)
def test_an_option_that_the_engine_would_pass_over_is_refused(
    root: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    said = bdstr("generate", root / "images", "--out", tmp_path / "o", *options, code=2)
    assert options[-2] in said
    assert "leave it out" in said
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("part", ["0/3", "4/3", "x/3", "3"])
def test_a_part_that_is_none_is_refused(root: Path, tmp_path: Path, part: str) -> None:
    said = bdstr("generate", root / "images", "--out", tmp_path / "o", "--shard", part, code=2)
    assert "expected PART/OF" in said
    assert not (tmp_path / "o").exists()


def test_annotations_of_other_photographs_are_told_and_nothing_but_such_refused(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "texts.jsonl").write_text('{"key": "images/000.jpg", "text": "a dog"}\n')
    arguments = ("generate", root / "images", "--limit", "1", "--annotations", tmp_path / "texts.jsonl")
    said = bdstr(*arguments, "--out", tmp_path / "o", code=3)
    assert "1 of 1 keys are no photograph's, e.g. images/000.jpg; expected paths below" in said
    assert not (tmp_path / "o").exists()
    with (tmp_path / "texts.jsonl").open("a") as file:
        file.write('{"key": "001", "text": "a cat"}\n')  # a photograph, though over the limit
    assert "1 of 2 keys are no photograph's, e.g. images/000.jpg" in bdstr(
        *arguments, "--out", tmp_path / "o"
    )


def test_help_reads_without_importing_anything_heavy() -> None:
    code = (
        "import sys; from bdstr import cli; from sodeval import shell; sys.argv[1:] = ['--help'];"
        "shell.run(cli.cli); print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "torch", "datasets", "pyarrow", "cv2", "pandas"} & set(done.stdout.split("'"))


def test_a_plan_of_another_version_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".run").mkdir()
    (tmp_path / ".run" / "run.json").write_text("{}")
    with pytest.raises(RunError, match="no plan of this version"):
        make_plan(tmp_path, find_items(root / "images"), "w")
