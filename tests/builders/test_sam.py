"""Masks by SAM: of the photograph's size, best by predicted IoU; others in the batch change nothing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from drafts import SIZES, draft

pytest.importorskip("torch")

import torch

from bdstr_builders.backends import masks as growing
from bdstr_builders.backends import segmenter
from bdstr_builders.backends.masks import Masks
from bdstr_builders.backends.segmenter import Segmenter, load_segmenter
from bdstr_builders.checkpoint import Checkpoint
from bdstr_builders.draft import Box, Draft, Instance, Rejected
from bdstr_builders.stages.cutting import Cutting
from bdstr_builders.stages.sam import Sam

BOXES: list[list[Box]] = [
    [(5.0, 5.0, 40.0, 40.0)],
    [(0.0, 0.0, 60.0, 80.0), (10.0, 10.0, 30.0, 30.0), (20.0, 5.0, 50.0, 70.0)],
    [(1.0, 2.0, 80.0, 30.0), (30.0, 10.0, 60.0, 35.0)],
    [(10.0, 10.0, 50.0, 50.0)],
]
ASKED = [
    (draft(seed, size).photo.rgb, boxes) for seed, (size, boxes) in enumerate(zip(SIZES, BOXES, strict=True))
]


@pytest.fixture(scope="module")
def model(tiny: SimpleNamespace) -> Segmenter:
    return load_segmenter(Checkpoint(str(tiny.sam)))


def with_boxes(seed: int) -> Draft:
    return draft(seed, SIZES[seed], instances=tuple(Instance(box, 0.5, "dog") for box in BOXES[seed]))


def test_three_masks_a_box_come_at_the_photographs_size_best_first(model: Segmenter):
    for (photo, boxes), masks in zip(ASKED, model.segment(ASKED), strict=True):
        assert masks.masks.shape == (len(boxes), 3, *photo.shape[:2])
        assert masks.masks.any()
        assert not masks.masks.all()
        assert (np.diff(masks.predicted_iou) <= 0).all()
        assert (masks.union_logits > 0).tolist() == masks.masks[:, 0].any(0).tolist()


def test_masks_are_those_of_the_reference_post_processing(model: Segmenter):
    photo, boxes = ASKED[1]
    inputs = model.images(images=[photo], return_tensors="pt")
    scale = torch.tensor(inputs.reshaped_input_sizes[0].tolist()[::-1] * 2) / torch.tensor(
        [*photo.shape[1::-1]] * 2
    )
    with torch.inference_mode():
        out = model.model(inputs.pixel_values, input_boxes=(torch.tensor(boxes) * scale)[None])
    (full,) = model.images.post_process_masks(
        [out.pred_masks[0]], inputs.original_sizes, inputs.reshaped_input_sizes, binarize=False
    )
    best = out.iou_scores[0].argmax(1)
    (ours,) = model.segment([(photo, boxes)])
    assert ours.masks[:, 0].tolist() == [(one[i] > 0).tolist() for one, i in zip(full, best, strict=True)]
    assert ours.predicted_iou[:, 0] == pytest.approx(out.iou_scores[0].amax(1).numpy(), abs=1e-5)


def test_a_batch_of_one_cuts_what_a_batch_of_many_cuts(model: Segmenter):
    for each, many in zip(ASKED, model.segment(ASKED), strict=True):
        (one,) = model.segment([each])
        assert one.union_logits == pytest.approx(many.union_logits, abs=1e-3)
        assert one.predicted_iou == pytest.approx(many.predicted_iou, abs=1e-4)
        sure = abs(one.union_logits) > 1e-2
        assert ((one.union_logits > 0) == (many.union_logits > 0))[sure].all()


def test_boxes_in_parts_are_cut_as_all_at_once(model: Segmenter, monkeypatch: pytest.MonkeyPatch):
    whole = model.segment(ASKED)
    monkeypatch.setattr(segmenter, "BOXES", 2)
    monkeypatch.setattr(growing, "LOGITS", 1)
    for one, other in zip(whole, model.segment(ASKED), strict=True):
        assert one.union_logits == pytest.approx(other.union_logits, abs=1e-4)
        assert one.stability == pytest.approx(other.stability, abs=1e-3)


def test_stability_is_the_agreement_of_two_thresholds():
    logits = torch.tensor([[[2.0, 0.5], [-0.5, -3.0]], [[-2.0, -2.0], [-2.0, -2.0]]])
    assert growing.stability_of(logits).tolist() == [pytest.approx(1 / 3), 0.0]  # 1 pixel of 3; none


def test_the_stage_keeps_every_mask_and_marks_what_is_uncertain(tiny: SimpleNamespace):
    stage = Sam(model=str(tiny.sam), batch=3, uncertain_logit=0.1)
    drafts = [with_boxes(seed) for seed in range(4)]
    for before, after in zip(drafts, stage.build()(drafts), strict=True):
        assert isinstance(after, Draft)
        assert after.mask is not None
        assert after.uncertain is not None
        assert after.mask.shape == after.uncertain.shape == before.photo.shape
        assert after.mask.tolist() == np.logical_or.reduce([one.mask for one in after.instances]).tolist()
        for one in after.instances:
            assert one.phrase == "dog"
            assert one.stability is not None
            assert 0 <= one.stability <= 1
            assert len(one.alternatives) == 2
            assert all(one.predicted_iou >= other.predicted_iou for other in one.alternatives)


def test_uncertain_are_the_pixels_whose_union_is_nearly_zero(model: Segmenter):
    logits = np.array([[3, 0.4, -0.4, -3]], np.float32)
    masks = np.repeat((logits > 0)[None, None], 3, 1)
    three = np.array([[0.9, 0.8, 0.7]], np.float32)
    made = Cutting("segment.sam", model, 1, 0.5).with_masks(
        with_boxes(0), Masks(masks, three, three[:, 0], logits)
    )
    assert isinstance(made, Draft)
    assert made.uncertain is not None
    assert made.uncertain.tolist() == [[False, True, True, False]]
    assert made.instances[0].predicted_iou == pytest.approx(0.9)


def test_without_a_box_or_without_a_mask_a_photograph_is_rejected(tiny: SimpleNamespace, model: Segmenter):
    made, refused = Sam(model=str(tiny.sam)).build()([with_boxes(1), draft(2)])
    assert isinstance(made, Draft)
    assert isinstance(refused, Rejected)
    assert refused.reason == "no-box"
    nothing = np.full((1, 4), -2, np.float32)
    three = np.zeros((1, 3), np.float32)
    masks = Masks(np.zeros((1, 3, 1, 4), bool), three, three[:, 0], nothing)
    empty = Cutting("segment.sam", model, 1, 1.0).with_masks(with_boxes(0), masks)
    assert isinstance(empty, Rejected)
    assert empty.reason == "empty-mask"


def test_only_the_encoder_runs_in_half_precision(tiny: SimpleNamespace):
    half = load_segmenter(Checkpoint(str(tiny.sam), dtype="bfloat16"))
    assert next(half.model.vision_encoder.parameters()).dtype == torch.bfloat16
    assert next(half.model.mask_decoder.parameters()).dtype == torch.float32
    assert half.segment(ASKED[:1])[0].union_logits.dtype == np.float32
