"""An output that cannot be written to: one error before any long work, and all is left as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import photographs
import pytest
from boards import scored, write_numbers
from forks import Forks
from permissions import BIND
from small_preset import ADD_SMALL, arguments
from training_scenes import row, write_dataset

FOLDERS = {
    "run": ("sodeval", "run", "--gt", "{root}/masks", "--pred", "{root}/maps", "--workers", "1", "--out"),
    "plot": ("sodeval", "plot", "{root}/report", "--out"),
    "pack": ("bdstr", "pack", "{root}/images", "{root}/masks", "--out"),
    "generate": ("bdstr", "generate", "{root}/images", "--out"),
    "train": ("bdstr", "train", *arguments(Path("{root}/data"), Path(), "epochs=1"), "--out"),
    "predict": ("bdstr", "predict", "{root}/images", "--device", "cpu", "--out"),
    "inspect": ("bdstr", "inspect", "{root}/ds", "--out"),
    "export half": ("bdstr", "export", "half", "{root}/model"),
    "leaderboard build": ("bdstr", "leaderboard", "build", "--out"),
    "leaderboard submit": (
        *("bdstr", "leaderboard", "submit", "{root}/report", "--method", "Near", "--by", "me"),
        *("--supervision", "none", "--out"),
    ),
}
FILES = {
    "cutout": ("bdstr", "cutout", "{root}/images/000.jpg", "--device", "cpu", "--out"),
    "export onnx": ("bdstr", "export", "onnx", "tiny"),
    "annotate": ("bdstr", "annotate", "{root}/images", "--no-open", "--out"),
    "hashes": ("bdstr", "hashes", "{root}/images", "--out"),
    "boxes": ("bdstr", "boxes", "{root}/masks", "--out"),
}
ENDINGS = {"cutout": ".png", "hashes": ".txt"}
WORK = {
    "cutout": "bdstr.commands.cutout:need_models",
    "export onnx": "bdstr.commands.export:need_models",
    "export half": "bdstr.commands.export:need_models",
    "hashes": "bdstr_builders.commands.hashes:find_items",
    "boxes": "bdstr_builders.commands.boxes:find_items",
    "inspect": "bdstr_builders.inspection:write_inspection",
    "leaderboard build": "bdstr_leaderboard.site.build:build_site",
    "predict": "bdstr.training.prediction:predict",
    "train": "bdstr.training.trainer:train",
    "pack": "bdstr_builders.run.local:run",
    "generate": "bdstr_builders.run.local:run",
    "run": "sodeval.evaluation:run",
}
"""What takes long, and must not be reached."""


def lock_up(folder: Path) -> None:
    """Folder without permission to write, in which there is nothing yet."""
    folder.mkdir()
    folder.chmod(0o555)


def put_file(folder: Path) -> None:
    folder.write_text("mine")


def lock_up_target(target: Path, is_file: bool) -> None:
    """What an earlier call may have made, for reading alone."""
    target.parent.mkdir()
    if is_file:
        target.write_text("mine")
    else:
        target.mkdir()
    target.chmod(0o444 if is_file else 0o555)


def put_another_kind(target: Path, is_file: bool) -> None:
    target.parent.mkdir()
    if is_file:
        target.mkdir()
    else:
        target.write_text("mine")


OBSTACLES: dict[str, Callable[[Path, bool], None]] = {
    "in a read-only folder": lambda target, _: lock_up(target.parent),
    "in a file": lambda target, _: put_file(target.parent),
    "read-only itself": lock_up_target,
    "a folder for a file, or a file for a folder": put_another_kind,
}


@pytest.fixture(scope="module")
def root(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scenes")
    photographs.write_scenes(root, 4)
    shutil.copytree(root / "masks", root / "maps")
    write_dataset(root / "data", map(row, range(20)))
    (root / "report").mkdir()
    write_numbers(scored(), root / "report")
    code, said = forks.run("bdstr", "pack", root / "images", root / "masks", "--out", root / "ds")
    assert code == 0, said
    return root


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("name", [*FOLDERS, *FILES])
def test_what_cannot_be_written_to_is_refused_before_work_and_left_as_it_was(
    forks: Forks, root: Path, tmp_path: Path, name: str, obstacle: str
) -> None:
    target = tmp_path / "place" / f"out{ENDINGS.get(name, '')}"
    OBSTACLES[obstacle](target, name in FILES)
    before = contents(tmp_path)
    words = [*(word.format(root=root) for word in (FOLDERS | FILES)[name]), target]
    code, said = forks.run(
        *words, before=f"{BIND}; {ADD_SMALL if name == 'train' else ''}\n{without_work(name)}"
    )
    assert code in (2, 3), said
    assert "Error: " in said
    assert str(target) in said
    assert ".tmp" not in said
    assert contents(tmp_path) == before


def without_work(name: str) -> str:
    """Code after which what takes long is none of a program."""
    module, _, function = WORK.get(name, "").partition(":")
    return f"import {module}; {module}.{function} = None" if module else ""


def test_a_file_of_an_earlier_call_that_is_read_only_is_kept(
    forks: Forks, root: Path, tmp_path: Path
) -> None:
    words = [*(word.format(root=root) for word in FOLDERS["run"]), tmp_path / "out"]
    assert forks.run(*words)[0] == 0
    report = tmp_path / "out" / "report.json"
    before = report.read_bytes()
    report.chmod(0o444)
    code, said = forks.run(*words, "--protocol", "psod", before=BIND)
    assert (code, report.read_bytes()) == (3, before)
    assert f"{report} cannot be written: Permission denied; make it writable" in said
