"""The three terms of the loss."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

import bdstr
from bdstr.model import edge_target, iou_loss, partial_bce

BLANK = torch.zeros(2, 1, 4, 4)


def test_partial_bce_with_everything_known_is_bce() -> None:
    logits, target = torch.randn(2, 1, 5, 7), torch.rand(2, 1, 5, 7)
    plain = functional.binary_cross_entropy_with_logits(logits, target)
    torch.testing.assert_close(partial_bce(logits, target), plain)
    torch.testing.assert_close(partial_bce(logits, target, torch.ones(2, 1, 5, 7, dtype=torch.bool)), plain)


def test_partial_bce_is_the_mean_over_known_pixels_alone() -> None:
    logits, target = torch.randn(1, 1, 4, 4), torch.rand(1, 1, 4, 4)
    known = torch.rand(1, 1, 4, 4) > 0.5
    alone = functional.binary_cross_entropy_with_logits(logits[known], target[known])
    torch.testing.assert_close(partial_bce(logits, target, known), alone)


def test_unknown_pixels_move_nothing() -> None:
    known = torch.ones(1, 1, 4, 4)
    known[..., 1, 2] = 0
    for loss in (partial_bce, iou_loss):
        logits = torch.randn(1, 1, 4, 4, requires_grad=True)
        loss(logits, torch.rand(1, 1, 4, 4), known).backward()
        assert logits.grad is not None
        assert logits.grad[..., 1, 2] == 0
        assert (logits.grad != 0).sum() == 15


def test_whatever_number_says_that_a_pixel_is_known_it_counts_once() -> None:
    logits, target = torch.randn(2, 1, 4, 4), torch.rand(2, 1, 4, 4)
    known = torch.rand(2, 1, 4, 4) > 0.5
    grades = known * torch.randint(1, 256, known.shape)
    for loss in (partial_bce, iou_loss):
        assert torch.equal(loss(logits, target, grades), loss(logits, target, known))


@pytest.mark.parametrize("balanced", [False, True])
def test_partial_bce_without_a_known_pixel_is_zero_and_so_is_its_gradient(balanced: bool) -> None:
    logits = torch.randn(2, 1, 4, 4, requires_grad=True)
    loss = partial_bce(logits, BLANK, BLANK, balanced)
    loss.backward()
    assert loss == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_balanced_bce_adds_the_means_of_both_classes() -> None:
    logits, target = torch.zeros(1, 1, 1, 4), torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]])
    torch.testing.assert_close(partial_bce(logits, target, balanced=True), 2 * torch.tensor(2.0).log())


def test_iou_loss_by_hand() -> None:
    logits = torch.full((1, 1, 1, 4), 0.0)  # probabilities of a half
    target = torch.tensor([[[[1.0, 1.0, 0.0, 0.0]]]])
    # I = 1, U = 2 + 2 - 1 = 3
    torch.testing.assert_close(iou_loss(logits, target), torch.tensor(1 - 2 / 4))


@given(st.sampled_from([-1e4, -30.0, 0.0, 30.0, 1e4]), st.booleans(), st.booleans())
def test_every_term_is_finite_on_empty_and_full_masks(logit: float, full: bool, half: bool) -> None:
    dtype = torch.float16 if half else torch.float32
    logits = torch.full((2, 1, 4, 4), logit, dtype=dtype, requires_grad=True)
    target = BLANK + full
    loss = partial_bce(logits, target) + iou_loss(logits, target)
    loss.backward()
    assert torch.isfinite(loss)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("width", [3, 5, 7])
def test_edges_are_drawn_as_bdstr_draws_them(width: int) -> None:
    mask = (np.random.default_rng(0).random((17, 23)) > 0.7).astype(np.uint8) * 255
    drawn = edge_target(torch.from_numpy(mask / 255)[None, None], width)
    assert np.array_equal(drawn[0, 0].numpy() * 255, bdstr.edges(mask, width))
