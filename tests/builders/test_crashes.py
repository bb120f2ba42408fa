"""A photograph that takes the process down which decodes it costs its own row, and the run goes on."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from photographs import Deadly, write_scenes

from bdstr.errors import RunError
from bdstr_builders.folder import find_items
from bdstr_builders.pipeline import Packing
from bdstr_builders.run.crashes import crashing, signed
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.run.retrying import forget_rejects
from bdstr_builders.source import Item, Source
from sodeval.outputs.atomic import write_atomically

WORK = Packing(masks="none")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Six photographs; reading the fourth and the fifth is deadly."""
    root = tmp_path_factory.mktemp("crashes")
    write_scenes(root, 6)
    found = find_items(root / "images")
    items = list(found.items)
    for number in (3, 4):
        items[number] = replace(items[number], image=Deadly(f"00{number}.jpg"))
    return replace(found, items=tuple(items))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_photograph_that_crashes_its_process_is_a_reject_and_the_run_goes_on(
    source: Source, tmp_path: Path
) -> None:
    plan = make_plan(tmp_path / "two" / "ds", source, WORK.fingerprint, 3)
    summary = run(plan, source, WORK, processes=2)
    assert (summary.rows, summary.reasons) == (4, {"read: crashed": 2})
    rejects = pq.read_table(plan.out / "rejects.parquet").to_pylist()
    assert [row["key"] for row in rejects] == ["003", "004"]
    assert "(SIGSEGV); expected one that can be read" in rejects[0]["detail"]

    again = make_plan(tmp_path / "one" / "ds", source, WORK.fingerprint, 3)
    write_atomically(again.sign_file(1), b"")  # as this process would leave it, if it had died of them
    run(again, source, WORK)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")

    mended = replace(source, items=tuple(find_items(source.items[0].image.parent).items))
    assert forget_rejects(plan, "crashed") == 2
    assert run(plan, mended, WORK).rows == 6


def test_a_process_that_somebody_kills_condemns_no_photograph() -> None:
    with pytest.raises(RunError, match=r"was killed at a \(SIGKILL\), perhaps for want of memory"):
        crashing([Item("a", Deadly("a.jpg", signal.SIGKILL))])


def test_an_error_that_python_raises_leaves_no_sign(source: Source, tmp_path: Path) -> None:
    plan = make_plan(tmp_path / "ds", source, "w")
    with signed(plan, 0):
        assert plan.sign_file(0).exists()
    with pytest.raises(ZeroDivisionError), signed(plan, 0):
        _ = 1 / 0
    assert not plan.sign_file(0).exists()
