"""Duplicates and leakage among real photographs: what is rejected does not depend on how a run goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from drafts import draft
from hypothesis import given
from hypothesis import strategies as st
from photographs import save, scene, write_scenes
from PIL import Image

from bdstr.errors import RecipeError
from bdstr_builders.draft import Around, Draft, Rejected
from bdstr_builders.folder import find_items
from bdstr_builders.hash_list import find_list, read_hashes, to_text
from bdstr_builders.phash import is_plain
from bdstr_builders.photo import Photo
from bdstr_builders.pipeline import Generating
from bdstr_builders.recipe import Recipe, recipe_of
from bdstr_builders.run.hashing import unhashed
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.run.retrying import forget_rejects
from bdstr_builders.source import Item
from bdstr_builders.stages.duplicates import Compared, Duplicates
from bdstr_builders.stages.leakage import Leakage

GRABCUT = {"use": "segment.grabcut", "iterations": 1, "working_side_px": 64}
DUPLICATES = {"use": "check.duplicates"}
ORIGINALS = [f"{number:04}" for number in range(1, 13)]
COPIES = {"zz-large": "0002", "0003-again": "0003", "zz-grey": "0011"}
"""Copy -> what it is a copy of."""


def recipe(*checks: dict[str, Any]) -> Recipe:
    stages = [*checks, {"use": "ground.saliency", "min_area": 0.0}, GRABCUT]
    return recipe_of({"name": "r", "seed": 1, "stage": stages}, "r", {})


@pytest.fixture(scope="module")
def photos(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve photographs of ECSSD, and three of them once more."""
    folder = tmp_path_factory.mktemp("repeats") / "photos"
    folder.mkdir()
    for key in ORIGINALS:
        (folder / f"{key}.webp").write_bytes((shared_data / "ecssd/images" / f"{key}.webp").read_bytes())
    large = Image.open(folder / "0002.webp").convert("RGB")
    large.resize((large.width * 2, large.height * 2)).save(folder / "zz-large.jpg", quality=85)
    Image.open(folder / "0003.webp").convert("RGB").save(folder / "0003-again.jpg", quality=40)
    Image.open(folder / "0011.webp").convert("L").resize((160, 120)).save(folder / "zz-grey.png")
    return folder


def go(photos: Path, out: Path, what: Recipe, rows_a_shard: int = 4, **how: Any) -> dict[str, bytes]:
    source, work = find_items(photos), Generating(what)
    run(make_plan(out, source, work.fingerprint, rows_a_shard), source, work, **how)
    files = [path for path in sorted(out.rglob("*")) if path.is_file()]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def undisturbed(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    go(photos, out, recipe(DUPLICATES))
    return out


def rejects_of(out: Path) -> dict[str, tuple[str, str]]:
    rows = pq.read_table(out / "rejects.parquet").to_pylist()
    return {row["key"]: (row["reason"], row["detail"]) for row in rows}


# ---- duplicates ------------------------------------------------------------------------------------


def test_exactly_the_copies_are_rejected_and_each_names_its_original(undisturbed: Path) -> None:
    details = {
        key: detail for key, (reason, detail) in rejects_of(undisturbed).items() if reason == "duplicate"
    }
    assert {key: detail.split()[0] for key, detail in details.items()} == COPIES
    assert all(detail.endswith("of 64 bits differ; expected over 4") for detail in details.values())


def test_shards_of_another_size_reject_the_same(photos: Path, undisturbed: Path, tmp_path: Path) -> None:
    go(photos, tmp_path / "out", recipe(DUPLICATES), rows_a_shard=15)
    assert rejects_of(tmp_path / "out") == rejects_of(undisturbed)


def contents(out: Path) -> dict[str, bytes]:
    files = [path for path in sorted(out.rglob("*")) if path.is_file()]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def test_two_processes_make_the_same_bytes(photos: Path, undisturbed: Path, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    made = go(
        photos, tmp_path / "out", recipe(DUPLICATES), processes=2, on_hash=lambda *step: steps.append(step)
    )
    assert made == contents(undisturbed)
    assert steps[-1] == (15, 15)


def test_parts_make_the_same_bytes_and_hash_nothing_twice(
    photos: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    hashed: list[int] = []
    for part in ((2, 2), (1, 2)):
        made = go(photos, out, recipe(DUPLICATES), part=part, on_hash=lambda done, _: hashed.append(done))
    assert made == contents(undisturbed)
    assert hashed == [0, 4, 7, 11, 15]  # all by the part that came first


def test_a_part_writes_its_own_lists_first_and_then_others_from_the_back(
    photos: Path, tmp_path: Path
) -> None:
    plan = make_plan(tmp_path / "out", find_items(photos), "w", 2)
    assert unhashed(plan, (2, 3)) == [1, 4, 7, 6, 5, 3, 2, 0]


def test_a_run_stopped_while_it_hashed_goes_on_to_the_same_bytes(
    photos: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for name, data in contents(undisturbed).items():
        if name == ".run/run.json" or name.startswith(".run/hashes/"):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(data)
    (out / ".run/hashes/00001.txt").unlink()
    (out / ".run/hashes/00002.txt").write_bytes(b"half of a list")
    assert go(photos, out, recipe(DUPLICATES)) == contents(undisturbed)


def copy_of(photos: Path, folder: Path) -> Path:
    folder.mkdir()
    for file in photos.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_a_photograph_that_changed_since_it_was_compared_is_rejected(photos: Path, tmp_path: Path) -> None:
    mine = copy_of(photos, tmp_path / "photos")
    out = tmp_path / "out"
    go(mine, out, recipe(DUPLICATES), part=(1, 2))
    (mine / "0005.webp").write_bytes((mine / "0001.webp").read_bytes())  # in the other part
    go(mine, out, recipe(DUPLICATES), part=(2, 2))
    reason, detail = rejects_of(out)["0005"]
    assert reason == "changed"
    assert "choose another --out" in detail


def test_a_photograph_mended_after_the_comparison_is_compared_when_it_is_retried(
    photos: Path, tmp_path: Path
) -> None:
    mine = copy_of(photos, tmp_path / "photos")
    whole = (mine / "0003.webp").read_bytes()
    (mine / "0003.webp").write_bytes(whole[:100])
    out = tmp_path / "out"
    go(mine, out, recipe(DUPLICATES))
    assert rejects_of(out)["0003"][0] in ("truncated", "damaged", "not-an-image")
    assert "0003-again" not in rejects_of(out)  # it was the only one
    (mine / "0003.webp").write_bytes(whole)
    source, work = find_items(mine), Generating(recipe(DUPLICATES))
    forget_rejects(make_plan(out, source, work.fingerprint, 4), rejects_of(out)["0003"][0])
    go(mine, out, recipe(DUPLICATES))
    assert rejects_of(out)["0003"] == (
        "duplicate",
        "0003-again once more: 0 of 64 bits differ; expected over 4",
    )


def even(level: int) -> np.ndarray:
    return np.full((48, 64, 3), level, np.uint8)


def test_plain_pictures_repeat_nothing_and_no_photograph_is_lost_to_one(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    ramp = np.tile(np.linspace(0, 250, 64).astype(np.uint8)[:, None], (48, 1, 3))
    for name, pixels in (("0", even(0)), ("1", even(90)), ("2", even(200)), ("3", ramp), ("4", scene(1)[0])):
        save(folder / f"{name}.png", pixels)
        save(folder / f"{name}-again.png", pixels)
    go(folder, tmp_path / "out", recipe(DUPLICATES))
    found = rejects_of(tmp_path / "out")
    assert {key for key, (reason, _) in found.items() if reason == "duplicate"} == {"4-again"}
    assert found["4-again"][1] == "4 once more: 0 of 64 bits differ; expected over 4"


@given(st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 1 << 63, 0x85 << 56]), max_size=12))
def test_what_is_said_to_be_repeated_is_kept_and_none_of_the_two_plain(values: list[int]) -> None:
    compared = Compared.of({f"{number:02}": value for number, value in enumerate(values)}, 4)
    for key, (kept, distance) in compared.repeated.items():
        assert kept < key
        assert kept not in compared.repeated
        assert distance <= 4
        assert not is_plain(compared.hashes[key])
        assert not is_plain(compared.hashes[kept])
    assert all(compared.repeats("new", value) is None for value in values if is_plain(value))


def test_every_photograph_of_a_benchmark_has_a_hash_that_tells_it() -> None:
    assert not any(map(is_plain, read_hashes(find_list("ecssd")).values()))


def test_without_hashes_of_the_set_nothing_can_be_compared() -> None:
    with pytest.raises(RecipeError, match=r"check\.duplicates: no hashes of the photographs"):
        Duplicates().build()


@pytest.mark.parametrize("stage", [Duplicates, Leakage])
@pytest.mark.parametrize("distance", [-1, 17])
def test_a_distance_at_which_anything_is_near_is_refused(stage: type, distance: int) -> None:
    with pytest.raises(RecipeError, match="expected 0 to 16 bits"):
        stage(distance=distance)


# ---- leakage ---------------------------------------------------------------------------------------


def drafted(file: Path) -> Draft:
    return draft().but(
        item=Item(file.stem, file), photo=Photo(file.read_bytes(), file.name, draft().photo.rgb)
    )


def test_photographs_of_ecssd_are_rejected_among_others(photos: Path, tmp_path: Path) -> None:
    write_scenes(tmp_path, 5)
    others = sorted((tmp_path / "images").iterdir())
    files = [photos / "0001.webp", *others, photos / "zz-large.jpg"]
    answers = Leakage().build()([drafted(file) for file in files])
    rejected = {one.key: one for one in answers if isinstance(one, Rejected)}
    assert list(rejected) == ["0001", "zz-large"]
    assert rejected["0001"].reason == "leakage"
    assert rejected["0001"].detail == "0001 of ecssd: 0 of 64 bits differ; expected over 6"
    assert rejected["zz-large"].detail.startswith("0002 of ecssd: ")


def test_a_list_of_ones_own_is_taken_by_its_path_and_counts_by_content(photos: Path, tmp_path: Path) -> None:
    prints = []
    for name, value in (("a", 0), ("b", 0), ("c", 1)):
        (tmp_path / f"{name}.txt").write_bytes(to_text({"k": value}))
        check = {"use": "check.leakage", "against": ["ecssd", str(tmp_path / f"{name}.txt")]}
        prints.append(recipe(check).fingerprint)
    assert prints[0] == prints[1] != prints[2]
    given = [drafted(photos / "0001.webp"), drafted(photos / "0002.webp").but(phash=1)]
    kept, rejected = Leakage(against=(str(tmp_path / "c.txt"),)).build()(given)
    assert isinstance(kept, Draft)
    assert isinstance(rejected, Rejected)
    assert rejected.detail.startswith("k of c: 0 of 64")  # without where the list lies here


def test_against_nothing_nothing_is_computed() -> None:
    given = draft()
    assert Leakage(against=()).build()([given]) == [given]


@pytest.mark.parametrize(
    ("against", "message"),
    [
        ("ecssd", "against is 'ecssd'; expected a list of strings"),
        (["ecssd", 3], r"against is \['ecssd', 3\]; expected a list of strings"),
        (["duts"], "no list of hashes 'duts'"),
    ],
)
def test_what_is_no_list_is_refused(against: object, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe({"use": "check.leakage", "against": against})


def test_the_hash_of_a_photograph_is_computed_once(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_bytes(to_text({}))
    (first,) = Leakage().build()([drafted(photos / "zz-grey.png").but(phash=0)])
    (second,) = Duplicates().build_in(Around(hashes=[tmp_path / "l.txt"]))([first])
    assert isinstance(second, Draft)
    assert second.phash == 0
