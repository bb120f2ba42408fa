"""What is held out follows from the key alone, whatever shards there are, and where a run breaks off."""

from __future__ import annotations

from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from photographs import write_scenes

from bdstr.card import rows_of
from bdstr.errors import RunError, UsageError
from bdstr.folder import read_splits
from bdstr_builders.folder import find_items
from bdstr_builders.holdout import hold_out, is_held_out
from bdstr_builders.pipeline import Packing
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import Plan, make_plan, read_plan
from bdstr_builders.source import Item, Source

COUNT = 20
SHARE = 0.3
KEYS = [f"{i:03}" for i in range(COUNT)]
HELD = [key for key in KEYS if is_held_out(key, SHARE, 1)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("photographs")
    write_scenes(root, COUNT)
    return root


@pytest.fixture(scope="module")
def source(root: Path) -> Source:
    return hold_out(find_items(root / "images", root / "masks"), SHARE, 1)


def packed(out: Path, source: Source, rows_a_shard: int) -> Path:
    work = Packing(licence="CC0-1.0")
    run(make_plan(out, source, work.fingerprint, rows_a_shard), source, work)
    return out


@pytest.fixture(scope="module")
def dataset(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("held") / "ds", source, 4)


def keys_of(out: Path, split: str) -> list[str]:
    files = sorted((out / "data").glob(f"{split}-*.parquet"))
    return [key for file in files for key in pq.read_table(file, columns=["key"])["key"].to_pylist()]


def test_load_dataset_gives_both_splits(dataset: Path, tmp_path: Path) -> None:
    loaded = datasets.load_dataset(str(dataset), cache_dir=str(tmp_path))
    assert {split: rows["key"][:] for split, rows in loaded.items()} == {
        "train": [key for key in KEYS if key not in HELD],
        "validation": HELD,
    }


def test_filters_and_the_card_are_true_of_both(dataset: Path, tmp_path: Path) -> None:
    rows = datasets.load_dataset(
        str(dataset), split="validation", filters=[("key", "==", HELD[0])], cache_dir=str(tmp_path)
    )
    assert rows["key"] == [HELD[0]]
    counts = {"train": COUNT - len(HELD), "validation": len(HELD)}
    assert rows_of(dataset) == counts == {name: split.rows for name, split in read_splits(dataset).items()}
    card = (dataset / "README.md").read_text()
    assert (
        "bdstr pack IMAGES MASKS --out FOLDER --licence CC0-1.0 --validation 0.3 --validation-seed 1" in card
    )
    assert f"| validation | {len(HELD)} |" in card


@pytest.mark.parametrize("rows_a_shard", [7, 100])
def test_the_size_of_shards_changes_nothing_of_it(source: Source, tmp_path: Path, rows_a_shard: int) -> None:
    out = packed(tmp_path / "ds", source, rows_a_shard)
    assert keys_of(out, "validation") == HELD
    assert sorted(keys_of(out, "train") + HELD) == KEYS


def test_a_run_that_was_cut_off_goes_on_to_the_same_files(
    dataset: Path, source: Source, tmp_path: Path
) -> None:
    work = Packing(licence="CC0-1.0")
    plan = make_plan(tmp_path / "ds", source, work.fingerprint, 4)
    run(plan, source, work, part=(2, 2))
    assert not (tmp_path / "ds" / "README.md").exists()
    packed(tmp_path / "ds", source, 4)
    for file in (path for path in dataset.rglob("*") if path.is_file()):
        assert (tmp_path / "ds" / file.relative_to(dataset)).read_bytes() == file.read_bytes()
    assert read_plan(dataset).splits == plan.splits


def test_another_split_never_mixes_with_what_is_there(dataset: Path, source: Source, root: Path) -> None:
    found = find_items(root / "images", root / "masks")
    for other in (found, hold_out(found, SHARE, 2), hold_out(found, 0.5, 1)):
        with pytest.raises(
            RunError, match=r"holds a run with held out for validation 0\.3 by the seed 1; this"
        ):
            make_plan(dataset, other, Packing(licence="CC0-1.0").fingerprint, 4)


def test_a_split_of_which_every_photograph_was_rejected_leaves_the_other_loadable(tmp_path: Path) -> None:
    write_scenes(tmp_path, 8)
    held = [key for key in KEYS[:8] if is_held_out(key, SHARE, 1)]
    for key in held:
        (tmp_path / "images" / f"{key}.jpg").write_bytes(b"")
    found = hold_out(find_items(tmp_path / "images", tmp_path / "masks"), SHARE, 1)
    out = packed(tmp_path / "ds", found, 4)
    loaded = datasets.load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert {split: rows.num_rows for split, rows in loaded.items()} == {"train": 8 - len(held)}
    assert rows_of(out) == {"train": 8 - len(held), "validation": 0}


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan"), 1e-9])
def test_a_share_that_leaves_one_side_empty_is_refused(source: Source, share: float) -> None:
    with pytest.raises(UsageError, match=r"--validation .*; expected"):
        hold_out(source, share)


@given(keys=st.sets(st.text(), min_size=2), share=st.floats(0.01, 0.9), seed=st.integers())
def test_a_key_is_held_out_or_not_whatever_else_there_is(keys: set[str], share: float, seed: int) -> None:
    held = {key for key in keys if is_held_out(key, share, seed)}
    assert held <= {key for key in keys if is_held_out(key, share + 0.1, seed)}
    items = tuple(Item(key, Path(key)) for key in sorted(keys))
    if 0 < len(held) < len(keys):
        found = hold_out(Source(items, (), ()), share, seed)
        assert {item.key for item in found.items[len(keys) - len(held) :]} == held


def test_about_the_share_is_held_out() -> None:
    held = sum(is_held_out(str(number), 0.05, 0) for number in range(10_000))
    assert 400 < held < 600


@given(train=st.integers(1, 40), held=st.integers(0, 40), rows=st.integers(1, 9))
def test_every_photograph_is_in_one_shard_of_its_split(train: int, held: int, rows: int) -> None:
    count = -(-train // rows) - (-held // rows)
    plan = Plan(Path("ds"), "w", "k", (), rows, count, None, held)
    items = [Item(f"{i:02}", Path("x")) for i in range(train + held)]
    dealt = {
        split: [one for shard in shards for one in plan.items_of(shard, items)]
        for split, shards in plan.splits.items()
    }
    assert dealt["train"] == items[:train]
    assert dealt.get("validation", []) == items[train:]
    assert len({plan.data_file(shard) for shard in range(count)}) == count
