"""What each stage makes of a photograph, and what it costs when one fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from photographs import scene, write_scenes

from bdstr_builders.draft import Draft, Rejected
from bdstr_builders.folder import find_items
from bdstr_builders.pipeline import Generating, _run_apart
from bdstr_builders.recipe import recipe_of
from bdstr_builders.source import Item


def draft(seed: int) -> Draft:
    from bdstr_builders.photo import Photo

    return Draft(Item(f"{seed}", Path("x.jpg")), Photo(b"", "x.jpg", scene(seed)[0]))


def test_one_photograph_on_which_a_stage_fails_costs_no_other_its_row() -> None:
    def fails_on_3(drafts: Any) -> list[Draft | Rejected]:
        if any(one.item.key == "3" for one in drafts):
            raise RuntimeError("shapes cannot be multiplied")
        return list(drafts)

    answers = _run_apart("stage", fails_on_3, [draft(i) for i in range(8)])
    assert [answer.key for answer in answers if isinstance(answer, Rejected)] == ["3"]
    assert answers[3].detail == "RuntimeError: shapes cannot be multiplied"
    assert [a.item.key for a in answers if isinstance(a, Draft)] == ["0", "1", "2", "4", "5", "6", "7"]


def test_a_box_without_an_end_is_refused(tmp_path: Path) -> None:
    from bdstr.errors import SourceError
    from bdstr_builders.stages.annotations import read_annotations

    (tmp_path / "boxes.jsonl").write_text('{"key": "a", "boxes": [[0, 0, NaN, 9]]}\n')
    with pytest.raises(SourceError, match="expected lists of x0, y0, x1, y1"):
        read_annotations(tmp_path / "boxes.jsonl")


def test_what_a_recipe_names_is_read_once_and_not_again_for_every_row(tmp_path: Path) -> None:
    write_scenes(tmp_path, 2)
    boxes = tmp_path / "boxes.jsonl"
    boxes.write_text("".join(f'{{"key": "00{i}", "boxes": [[6, 6, 40, 36]]}}\n' for i in range(2)))
    stages = [{"use": "ground.annotations", "file": str(boxes)}, {"use": "segment.grabcut"}]
    work = Generating(recipe_of({"name": "r", "seed": 1, "stage": stages}, "r", {}))
    fingerprint, make = work.fingerprint, work.build()
    boxes.unlink()
    rows = list(make(find_items(tmp_path / "images").items))
    assert [row["recipe"] for row in rows if isinstance(row, dict)] == [fingerprint] * 2


def test_without_annotations_the_box_is_around_what_stands_out() -> None:
    from bdstr_builders.stages.saliency_box import SaliencyBox

    (answer,) = SaliencyBox().build()([draft(0)])
    _, mask = scene(0)
    ys, xs = np.nonzero(mask)
    assert isinstance(answer, Draft)
    assert np.allclose(answer.instances[0].box, (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1), atol=3)


def test_an_even_photograph_has_no_box() -> None:
    from bdstr_builders.photo import Photo
    from bdstr_builders.stages.saliency_box import SaliencyBox

    even = Draft(Item("e", Path("e.jpg")), Photo(b"", "e.jpg", np.full((40, 40, 3), 90, np.uint8)))
    (answer,) = SaliencyBox().build()([even])
    assert isinstance(answer, Rejected)
    assert answer.reason == "no-box"


def test_grabcut_gives_the_same_mask_every_time_and_in_any_batch() -> None:
    from bdstr_builders.stages.grabcut import GrabCut
    from bdstr_builders.stages.saliency_box import SaliencyBox

    drafts = SaliencyBox().build()([draft(i) for i in range(4)])
    cut = GrabCut().build()
    together = [one.mask for one in cut(drafts)]
    alone = [cut([one])[0].mask for one in reversed(drafts)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(together, alone, strict=True))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"max_area": 0.01}, "large"),
        ({"min_area": 0.9}, "small"),
        ({"max_components": 0}, "scattered"),
        ({"min_completeness": 1.0}, "incomplete"),
    ],
)
def test_a_mask_over_a_limit_is_rejected_with_the_figure(change: dict[str, float], reason: str) -> None:
    from dataclasses import replace

    from bdstr_builders.stages.quality import Quality

    _, mask = scene(0)
    whole = np.ones(mask.shape, bool)
    given = replace(draft(0), mask=mask > 0, instances=())
    if reason == "incomplete":
        from bdstr_builders.draft import Instance

        given = replace(
            given, instances=(Instance((0.0, 0.0, float(whole.shape[1]), float(whole.shape[0]))),)
        )
    (answer,) = Quality(**change).build()([given])
    assert isinstance(answer, Rejected)
    assert (answer.reason, answer.quality["area"]) == (reason, float((mask > 0).mean()))
