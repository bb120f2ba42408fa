"""Boxes by Grounding DINO: which stay, which phrase they answer, and what is rejected."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from drafts import SIZES, draft
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch

from bdstr_builders.backends import batching, detector
from bdstr_builders.backends.detector import Answers, Detector, load_detector
from bdstr_builders.backends.question import Question, ask, phrase_of
from bdstr_builders.checkpoint import Checkpoint
from bdstr_builders.draft import Draft, Instance, Rejected
from bdstr_builders.nms import iou, keep_best
from bdstr_builders.stages.grounding import Least, choose
from bdstr_builders.stages.grounding_dino import GroundingDino

CLS, SEP, DOT = 101, 102, 1012
LEAST = Least(box=0.30, text=0.25, nms_iou=0.8, retry=0.20)
TWO = Question(("black dog", "gorilla"), (CLS, 1, 2, DOT, 3, 4, 5, DOT, SEP), (-1, 0, 0, -1, 1, 1, 1, -1, -1))


@pytest.fixture(scope="module")
def model(tiny: SimpleNamespace) -> Detector:
    return load_detector(Checkpoint(str(tiny.dino)))


def answers(boxes: list[list[float]], scores: list[float]) -> Answers:
    """Every query is sure of the first token of a phrase, to its score."""
    likely = np.zeros((len(boxes), len(TWO.tokens)), np.float32)
    likely[:, 1] = scores
    return Answers(np.array(boxes, np.float32).reshape(-1, 4), likely)


# --- phrases --------------------------------------------------------------------------------------


def test_each_token_knows_its_phrase(tiny: SimpleNamespace, model: Detector):
    question = model.ask(("black dog", "gorilla"))
    words = model.tokens.convert_ids_to_tokens(question.tokens)
    assert words == ["[CLS]", "black", "dog", ".", "go", "##ri", "##lla", ".", "[SEP]"]
    assert question.owners == (-1, 0, 0, -1, 1, 1, 1, -1, -1)
    assert list(question.tokens) == model.tokens("black dog . gorilla .").input_ids


def test_a_phrase_without_tokens_moves_no_other(model: Detector):
    question = model.ask(("\u200b", "dog"))
    assert [question.phrases[i] for i in question.owners if i >= 0] == ["dog"]


@pytest.mark.parametrize(
    ("likely", "phrase"),
    [
        ([0, 0.1, 0.6, 0, 0, 0, 0, 0, 0], "black dog"),
        ([0, 0, 0, 0, 0.1, 0.1, 0.9, 0, 0], "gorilla"),  # a piece of a word stands for its phrase
        ([0, 0.4, 0.4, 0, 0, 0, 0.7, 0, 0], "black dog"),  # 0.8 against 0.7
        ([0, 0.24, 0.5, 0, 0, 0, 0.7, 0, 0], "gorilla"),  # 0.24 is under the threshold
        ([0, 0.1, 0.2, 0, 0, 0.21, 0, 0, 0], "gorilla"),  # none over it: the best token
        ([0.9, 0, 0, 0.9, 0.3, 0, 0, 0.9, 0.9], "gorilla"),  # marks belong to none
    ],
)
def test_a_box_answers_one_phrase_of_the_callers(likely: list[float], phrase: str):
    assert phrase_of(TWO, np.array(likely), 0.25) == phrase


def test_without_any_word_there_is_no_phrase(model: Detector):
    empty = ask((), model.tokens)
    assert phrase_of(empty, np.zeros(len(empty.tokens)), 0.25) is None


# --- boxes ----------------------------------------------------------------------------------------


def slow_nms(boxes: np.ndarray, scores: np.ndarray, most: float) -> list[int]:
    kept: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: (-scores[i], i)):
        if all(slow_iou(boxes[i], boxes[j]) <= most for j in kept):
            kept.append(i)
    return kept


def slow_iou(one: np.ndarray, other: np.ndarray) -> float:
    """By counting cells: the boxes have whole corners."""
    cells = np.zeros((2, 12, 12), bool)
    for layer, (x0, y0, x1, y1) in zip(cells, (one, other), strict=True):
        layer[int(y0) : int(y1), int(x0) : int(x1)] = True
    union = (cells[0] | cells[1]).sum()
    return float((cells[0] & cells[1]).sum() / union) if union else 0.0


@given(
    st.lists(st.tuples(*[st.integers(0, 6)] * 2, *[st.integers(0, 5)] * 2, st.integers(0, 4)), max_size=12),
    st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0]),
)
def test_boxes_stay_as_a_slow_count_says(drawn: list[tuple[int, ...]], most: float):
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h, _ in drawn], float).reshape(-1, 4)
    scores = np.array([score for *_, score in drawn], float)
    assert keep_best(boxes, scores, most) == slow_nms(boxes, scores, most)
    for box in boxes:
        assert iou(box, boxes) == pytest.approx([slow_iou(box, other) for other in boxes])


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        ([0.5, 0.31, 0.25], [0.5, 0.31]),
        ([0.29, 0.21, 0.19], [0.29, 0.21]),  # none over 0.30: over 0.20
        ([0.20, 0.1, 0.0], []),
    ],
)
def test_boxes_over_the_threshold_stay_and_others_only_where_there_is_none(
    scores: list[float], kept: list[float]
):
    apart = [[0.0, 0, 10, 10], [20.0, 0, 30, 10], [40.0, 0, 50, 10]]
    chosen = choose(TWO, answers(apart, scores), LEAST)
    assert [one.score for one in chosen] == pytest.approx(kept)
    assert all(one.phrase == "black dog" for one in chosen)


def test_of_two_boxes_around_one_thing_the_better_stays():
    boxes = [[0.0, 0, 10, 10], [0.0, 0, 10, 9], [0.0, 0, 10, 7]]
    chosen = choose(TWO, answers(boxes, [0.5, 0.9, 0.4]), LEAST)
    assert [one.box for one in chosen] == [(0, 0, 10, 9), (0, 0, 10, 7)]


def test_a_box_without_a_pixel_is_none():
    assert choose(TWO, answers([[3.0, 3, 3, 20]], [0.9]), LEAST) == ()


def test_boxes_lie_inside_the_photograph():
    boxes = detector.in_px(np.array([[0.5, 0.5, 1, 1], [0.9, 0.1, 0.4, 0.4]], np.float32), (50, 80))
    assert boxes == pytest.approx(np.array([[0, 0, 80, 50], [56, 0, 80, 15]]), abs=1e-4)


# --- the stage ------------------------------------------------------------------------------------


def test_photographs_get_boxes_for_their_own_phrases(tiny: SimpleNamespace):
    drafts = [
        draft(0, SIZES[0], phrase="dog . cat ."),
        draft(1, SIZES[1], phrase="gorilla ."),
        draft(2, SIZES[2], phrase="van .", instances=(Instance((1.0, 1.0, 9.0, 9.0)),)),
        draft(3, SIZES[3], phrase="black dog on ball ."),
    ]
    made = GroundingDino(model=str(tiny.dino), batch=3).build()(drafts)
    assert made[2] is drafts[2]
    for before, after in zip(drafts, made, strict=True):
        assert isinstance(after, Draft)
        height, width = before.photo.shape
        for one in after.instances:
            assert 0 <= one.box[0] < one.box[2] <= width
            assert 0 <= one.box[1] < one.box[3] <= height
            if after is not drafts[2]:
                assert one.phrase in str(before.phrase)
                assert one.score is not None
                assert 0.2 < one.score <= 1


@pytest.mark.parametrize(
    ("phrase", "reason"), [(None, "no-phrase"), (" . ", "no-phrase"), ("dog " * 300, "long-phrase")]
)
def test_what_cannot_be_asked_is_rejected(tiny: SimpleNamespace, phrase: str | None, reason: str):
    fine = draft(1, phrase="dog .")
    refused, made = GroundingDino(model=str(tiny.dino)).build()([draft(0, phrase=phrase), fine])
    assert isinstance(refused, Rejected)
    assert refused.reason == reason
    assert isinstance(made, Draft)


def test_a_photograph_in_which_nothing_is_found_is_rejected(tiny: SimpleNamespace):
    stage = GroundingDino(model=str(tiny.dino), box_threshold=1.0, retry_threshold=1.0)
    (refused,) = stage.build()([draft(0, phrase="dog .")])
    assert isinstance(refused, Rejected)
    assert refused.reason == "no-box"
    assert "expected over 1.00" in refused.detail


def test_a_batch_of_one_finds_what_a_batch_of_many_finds_where_nothing_is_padded(model: Detector):
    asked = [(draft(seed).photo.rgb, model.ask(("dog", "cat"))) for seed in range(3)]
    together = model.answer(asked)
    for one, many in zip((model.answer([each])[0] for each in asked), together, strict=True):
        assert one.boxes == pytest.approx(many.boxes, abs=1e-2)
        assert one.likely == pytest.approx(many.likely, abs=1e-3)


def test_a_longer_question_beside_it_changes_no_answer(model: Detector):
    photo = draft(0).photo.rgb
    short, long = model.ask(("dog",)), model.ask(("black dog", "white cat", "red van", "gorilla"))
    alone, (beside, _) = model.answer([(photo, short)])[0], model.answer([(photo, short), (photo, long)])
    assert alone.boxes == pytest.approx(beside.boxes, abs=1e-2)
    assert alone.likely == pytest.approx(beside.likely, abs=1e-3)


def test_where_half_precision_fails_it_runs_in_float32(
    tiny: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    half = Checkpoint(str(tiny.dino), dtype="bfloat16")
    assert load_detector(half).model.dtype == torch.bfloat16
    monkeypatch.setattr(detector, "runs", lambda _: False)
    assert load_detector(half).model.dtype == torch.float32


# --- memory ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError()])
def test_a_batch_that_does_not_fit_is_done_in_halves(error: Exception):
    sizes = []

    def work(batch: list[int]) -> list[int]:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise error
        return [10 * one for one in batch]

    assert batching.in_batches(work, list(range(9)), 5) == [10 * i for i in range(9)]
    assert sizes == [5, 2, 3, 1, 2, 4, 2, 2]


def test_another_error_is_not_taken_for_one_of_memory():
    def work(_: list[int]) -> list[int]:
        raise RuntimeError("the size of tensor a must match")

    with pytest.raises(RuntimeError, match="tensor a"):
        batching.in_batches(work, [1, 2], 2)
