"""A run of `bdstr train` whose files were cut since: made anew to the same bytes, or refused by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from forks import Forks
from small_preset import ADD_SMALL, arguments
from training_scenes import row, write_dataset

SHORT = ("epochs=6", "evaluate_every=2")
LAST = "checkpoints/checkpoint-18"
MENDED = (f"{LAST}/model.safetensors", f"{LAST}/optimizer.pt", f"{LAST}/trainer_state.json", "log.jsonl")
REFUSED = ("training.json", "best/model.safetensors")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data") / "data", map(row, range(20)))


@pytest.fixture(scope="module")
def whole(forks: Forks, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    code, said = forks.run("bdstr", "train", *arguments(data, out, *SHORT), before=ADD_SMALL)
    assert code == 0, said
    return out


@pytest.mark.parametrize("name", [*MENDED, *REFUSED])
def test_what_was_cut_is_made_anew_or_refused_by_name(
    forks: Forks, data: Path, whole: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "run"
    shutil.copytree(whole, out)
    (out / "model.safetensors").unlink()  # else it is finished
    (out / name).write_bytes((out / name).read_bytes()[: (out / name).stat().st_size // 2])
    code, said = forks.run("bdstr", "train", *arguments(data, out, *SHORT), before=ADD_SMALL)
    if name in REFUSED:
        assert code == 3
        assert f"{out / name.split('/')[0]}" in said
        return
    assert code == 0, said
    for same in ("log.jsonl", "model.safetensors", f"{LAST}/model.safetensors"):
        assert (out / same).read_bytes() == (whole / same).read_bytes(), same
