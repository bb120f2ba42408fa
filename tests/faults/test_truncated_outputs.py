"""Files of an output that were cut or changed since: made anew by a second call, or refused by name."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from forks import Forks
from works import WORKS, Work, write_inputs

PLAN = ".run/run.json"
FILES = {
    "generate": (
        *(PLAN, ".run/shards/00001.json", ".run/rejects/00001.parquet"),
        *(".run/hashes/00001.txt", "data/train-00001-of-00006.parquet"),
    ),
    "pack": (PLAN, ".run/shards/00001.json", "data/train-00001-of-00006.parquet"),
    "run": ("cache.sqlite", "report.json"),
}


def flipped(data: bytes, moments: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(3):
        changed[moments.randrange(len(changed))] ^= 1 << moments.randrange(8)
    return bytes(changed)


DAMAGES: Mapping[str, Callable[[bytes, random.Random], bytes]] = {
    "empty": lambda data, _: b"",
    "half": lambda data, _: data[: len(data) // 2],
    "all but a byte": lambda data, _: data[:-1],
    "flipped bits": flipped,
}


def made(work: Work, out: Path) -> Mapping[str, bytes]:
    """The dataset or report; of the notes of a run, a space more or less changes nothing."""
    return {name: data for name, data in work.made(out).items() if not name.startswith(".run/")}


@pytest.mark.parametrize("name", FILES)
def test_what_was_damaged_is_made_anew_or_refused_by_name(forks: Forks, tmp_path: Path, name: str) -> None:
    work, root, whole = WORKS[name], write_inputs(tmp_path / "inputs"), tmp_path / "whole" / "out"
    code, said = work.called(forks, root, whole)
    assert code == 0, said
    moments, refused = random.Random(11), set()
    for file in FILES[name]:
        for kind, damage in DAMAGES.items():
            out = tmp_path / f"{file.replace('/', '-')} {kind}" / "out"
            shutil.copytree(whole, out)
            (out / file).write_bytes(damage((out / file).read_bytes(), moments))
            code, said = work.called(forks, root, out)
            if code:
                assert code in (2, 3), (file, kind, said)
                assert str(out) in said, (file, kind, said)
                refused.add(file)
            else:
                assert made(work, out) == made(work, whole), (file, kind)
            shutil.rmtree(out)
    assert refused <= {PLAN, "report.json"}, refused
