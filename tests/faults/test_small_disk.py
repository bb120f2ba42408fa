"""A disk that is full: one clear error, nothing half-written; with room again, what an ample one holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from forks import Forks
from small_disk import PAGE_BYTES, SmallDisk
from works import WORKS, write_inputs

SHARES = (0.05, 0.5, 0.8)
"""Of the room that is needed at the end."""
AMPLE_BYTES = 256 << 20


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_inputs(tmp_path_factory.mktemp("inputs"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["generate", "run", "train", "predict"])
def test_a_full_disk_is_one_error_and_with_room_again_the_same_bytes_follow(
    forks: Forks, root: Path, tmp_path: Path, name: str
) -> None:
    work, alone = WORKS[name], tmp_path / "alone" / "out"
    code, said = work.called(forks, root, alone)
    assert code == 0, said
    sizes = [path.stat().st_size for path in alone.rglob("*") if path.is_file()]
    pages = sum(-(-size // PAGE_BYTES) for size in sizes)
    with SmallDisk.at(tmp_path / "disk") as disk:
        out = disk.folder / "out"
        for share in SHARES:
            disk.resize(max(1, round(share * pages)) * PAGE_BYTES)
            code, said = work.called(forks, root, out, disk.entering)
            assert (code, said.count("Error: ")) == (3, 1), (share, said)
            assert "free some space" in said, (share, said)
            assert str(out) in said, (share, said)
            assert not [path for path in disk.seen.rglob("*.tmp") if path.is_file()], share
        disk.resize(AMPLE_BYTES)
        code, said = work.called(forks, root, out, disk.entering)
        assert code == 0, said
        assert work.made(disk.seen / "out") == work.made(alone)
