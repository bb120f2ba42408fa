"""Flip consistency: the mask of the mirrored photograph, mirrored back, is the mask."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from drafts import SIZES, draft

from bdstr.errors import RecipeError
from bdstr_builders.draft import Around, Draft, Instance, Rejected, Run
from bdstr_builders.pipeline import Generating
from bdstr_builders.recipe import recipe_of
from bdstr_builders.stages.flip import Flip
from bdstr_builders.stages.grabcut import GrabCut
from bdstr_builders.stages.sam import Sam


def boxed(seed: int) -> Draft:
    height, width = SIZES[seed]
    box = width / 8, height / 4, width / 2, height / 1.5
    return draft(seed, SIZES[seed], instances=(Instance(box, phrase="thing"),))


def check(segment: Run, drafts: Sequence[Draft], **limits: float) -> list[Draft | Rejected]:
    return Flip(**limits).build_in(Around([("segment.x", segment)]))(drafts)


def left_half(drafts: Sequence[Draft]) -> list[Draft | Rejected]:
    """A segmenter that always sees the object on the left, wherever it is."""
    masks = [np.arange(one.photo.shape[1]) < one.photo.shape[1] // 2 for one in drafts]
    return [
        one.but(mask=np.tile(mask, (one.photo.shape[0], 1))) for one, mask in zip(drafts, masks, strict=True)
    ]


def box_itself(drafts: Sequence[Draft]) -> list[Draft | Rejected]:
    """A segmenter that is fair to both sides: the mask is the box."""
    answers: list[Draft | Rejected] = []
    for one in drafts:
        x0, y0, x1, y1 = (round(side) for side in one.instances[0].box)
        mask = np.zeros(one.photo.shape, bool)
        mask[y0:y1, x0:x1] = True
        answers.append(one.but(mask=mask))
    return answers


def masked(segment: Run, drafts: Sequence[Draft]) -> list[Draft]:
    return [one for one in segment(drafts) if isinstance(one, Draft)]


def test_a_segmenter_that_sees_left_and_right_alike_agrees_with_itself() -> None:
    given = masked(box_itself, [boxed(seed) for seed in range(4)])
    answers = check(box_itself, given)
    assert [one.quality["flip_iou"] for one in answers] == [1.0] * 4
    assert all(isinstance(one, Draft) and one.mask is g.mask for one, g in zip(answers, given, strict=True))
    assert all(
        isinstance(one, Draft) and one.photo is g.photo and one.instances is g.instances
        for one, g in zip(answers, given, strict=True)
    )


def test_a_mask_that_changes_sides_is_rejected_with_the_figure() -> None:
    (answer,) = check(left_half, masked(left_half, [boxed(0)]))
    assert isinstance(answer, Rejected)
    assert (answer.reason, answer.quality["flip_iou"]) == ("flip", 0.0)
    assert answer.detail == "IoU 0.00 with the mask of the mirrored photograph; expected 0.7 or more"


def test_where_nothing_is_found_in_the_mirrored_photograph_the_reason_is_told() -> None:
    def nothing(drafts: Sequence[Draft]) -> list[Draft | Rejected]:
        return [Rejected(one.item.key, "segment.x", "empty-mask", "") for one in drafts]

    (answer,) = check(nothing, masked(box_itself, [boxed(0)]))
    assert isinstance(answer, Rejected)
    assert "(empty-mask)" in answer.detail


def test_a_draft_without_a_mask_is_rejected_and_costs_no_other_its_own() -> None:
    answers = check(box_itself, [boxed(0), *masked(box_itself, [boxed(1)]), boxed(2)])
    assert [getattr(one, "reason", None) for one in answers] == ["no-mask", None, "no-mask"]


@pytest.mark.parametrize("kind", ["grabcut", "sam"])
def test_real_segmenters_are_asked_once_more_with_what_they_hold(kind: str, tiny: SimpleNamespace) -> None:
    stage = GrabCut(iterations=1) if kind == "grabcut" else Sam(model=str(tiny.sam), device="cpu", batch=2)
    segment = stage.build()
    given = masked(segment, [boxed(seed) for seed in range(3)])
    answers = check(segment, given, min_iou=0.0)
    assert len(answers) == len(given) > 0
    assert all(0.0 <= one.quality["flip_iou"] <= 1.0 for one in answers)


def test_a_recipe_with_a_flip_keeps_the_figure_beside_those_of_quality() -> None:
    stages = [
        {"use": "ground.saliency"},
        {"use": "segment.grabcut", "iterations": 1},
        {"use": "check.flip", "min_iou": 0.0},
        {"use": "check.quality", "max_components": 10_000},
    ]
    recipe = recipe_of({"name": "r", "seed": 1, "stage": stages}, "r", {})
    assert not Generating(recipe).needs_hashes
    _, segment, flip, quality = recipe.stages
    run = segment.build()
    (answer,) = quality.build()(
        masked(
            flip.build_in(Around([("segment.grabcut", run)])),  # type: ignore[attr-defined]
            masked(run, [boxed(0)]),
        )
    )
    assert {"flip_iou", "area"} <= set(answer.quality)


def test_a_flip_before_any_mask_is_refused() -> None:
    stages = [{"use": "ground.saliency"}, {"use": "check.flip"}, {"use": "segment.grabcut"}]
    with pytest.raises(RecipeError, match=r"r: check\.flip comes before any segment\.\*; expected it after"):
        recipe_of({"name": "r", "seed": 1, "stage": stages}, "r", {})
    with pytest.raises(RecipeError, match=r"no stage segment\.\* before it"):
        Flip().build()
