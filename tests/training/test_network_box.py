"""Boxes around what a trained network finds, for photographs of which nobody said anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from training_scenes import scene

from bdstr.errors import RecipeError
from bdstr_builders.draft import Draft, Instance, Rejected
from bdstr_builders.photo import Photo
from bdstr_builders.recipe import read_recipe
from bdstr_builders.source import Item
from bdstr_builders.stages.network_box import NetworkBox


def draft(rgb: np.ndarray) -> Draft:
    return Draft(Item("key", Path("x.png")), Photo(b"", "x.png", rgb))


def test_the_box_is_around_what_the_network_finds(run: Path) -> None:
    answers = NetworkBox(model=str(run), device="cpu", batch=3).build()(
        [draft(scene(i)[0]) for i in range(7)]
    )
    for seed, answer in enumerate(answers):
        assert isinstance(answer, Draft)
        (found,) = answer.instances
        rows, columns = np.nonzero(scene(seed)[1])
        wanted = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert overlap(found.box, wanted) > 0.6
        assert 0.5 < found.score <= 1


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other)]
    return both / (sum(areas) - both)


def test_boxes_that_are_there_stay_and_nothing_salient_is_a_reject(run: Path) -> None:
    given = draft(scene(0)[0]).but(instances=(Instance(box=(1.0, 2.0, 3.0, 4.0), score=1.0, phrase=None),))
    even = draft(np.zeros((40, 40, 3), np.uint8))
    kept, refused = NetworkBox(model=str(run), device="cpu").build()([given, even])
    assert kept is given
    assert isinstance(refused, Rejected)
    assert (refused.stage, refused.reason) == ("ground.network", "no-box")


def test_another_network_makes_another_recipe(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run / "best", tmp_path / "same")
    shutil.copytree(run / "best", tmp_path / "other")
    weights = tmp_path / "other" / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    prints = [
        read_recipe("offline-network", {"ground.network": {"model": str(folder)}}).fingerprint
        for folder in (run / "best", tmp_path / "same", tmp_path / "other")
    ]
    assert prints[0] == prints[1] != prints[2]


def test_a_network_that_is_not_there_is_an_error_of_the_recipe() -> None:
    with pytest.raises(RecipeError, match=r"ground\.network: no trained weights of swin-base"):
        NetworkBox(model="swin-base").build()
