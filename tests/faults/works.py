"""Commands that write, on a few small inputs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import photographs
from forks import Forks
from small_preset import ADD_SMALL, arguments
from training_scenes import row, write_dataset

COUNT = 12


@dataclass(frozen=True, slots=True)
class Work:
    """A command and what it writes.

    Args:
        words: of it, but for the output.
        same: patterns of the files whose bytes are the same however often it was called before.
        before: code that it runs first.
    """

    words: tuple[str, ...]
    same: tuple[str, ...] = ("**/*",)
    before: str = ""

    def called(self, forks: Forks, root: Path, out: Path, before: str = "") -> tuple[int, str]:
        """Exit code, and what it said on both streams."""
        words = [*(word.format(root=root) for word in self.words), "--out", out]
        return forks.run(*words, before=f"{before}\n{self.before}")

    def made(self, out: Path) -> Mapping[str, bytes]:
        files = {path for pattern in self.same for path in out.glob(pattern) if path.is_file()}
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(files)}


WORKS = {
    "generate": Work(("bdstr", "generate", "{root}/images", "--rows-per-shard", "2")),
    "pack": Work(("bdstr", "pack", "{root}/images", "{root}/masks", "--rows-per-shard", "2")),
    "run": Work(
        ("sodeval", "run", "--gt", "{root}/masks", "--pred", "{root}/maps", "--workers", "1"),
        same=("*.json", "*.csv", "*.npz", "*.md", "*.tex", "*.svg", "*.html"),
    ),
    "train": Work(
        ("bdstr", "train", *arguments(Path("{root}/data"), Path(), "epochs=2", "evaluate_every=1")),
        same=("log.jsonl", "model.safetensors", "training.json", "best/*"),
        before=ADD_SMALL,
    ),
    "predict": Work(("bdstr", "predict", "{root}/images", "--device", "cpu", "--batch", "2")),
}


def write_inputs(root: Path) -> Path:
    """What they read."""
    photographs.write_scenes(root, COUNT)
    shutil.copytree(root / "masks", root / "maps")
    write_dataset(root / "data", map(row, range(20)))
    return root
