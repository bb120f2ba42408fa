"""Photographs of any size and mode in, saliency maps of their sizes out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from PIL import Image

from bdstr.model import DEDecoderImageProcessor, to_image


@pytest.fixture
def processor() -> DEDecoderImageProcessor:
    return DEDecoderImageProcessor()


def photos() -> list[Image.Image]:
    rng = np.random.default_rng(0)
    rgb = Image.fromarray(rng.integers(0, 256, (30, 41, 3), np.uint8))
    modes = [rgb, *(rgb.convert(mode) for mode in ("L", "RGBA", "P", "CMYK", "1"))]
    return [*modes, rgb.resize((1, 90)), rgb.resize((3, 1)), rgb.resize((1, 1))]


def test_a_batch_of_mixed_sizes_and_modes_becomes_one_tensor(processor: DEDecoderImageProcessor) -> None:
    pixels = processor(photos(), return_tensors="pt").pixel_values
    assert pixels.shape == (9, 3, 352, 352)
    assert torch.isfinite(pixels).all()


def test_pixels_are_normalised_as_those_of_imagenet(processor: DEDecoderImageProcessor) -> None:
    grey = processor(Image.new("RGB", (8, 8), (255, 0, 51)), return_tensors="pt").pixel_values[0, :, 0, 0]
    expected = torch.tensor([(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225])
    torch.testing.assert_close(grey, expected)


def test_saliency_maps_have_the_sizes_of_the_photographs(processor: DEDecoderImageProcessor) -> None:
    out = SimpleNamespace(logits=torch.randn(3, 1, 32, 32).bfloat16())
    sizes = [(30, 41), (1, 90), (400, 2)]
    maps = processor.post_process_saliency(out, sizes)
    assert [tuple(each.shape) for each in maps] == sizes
    assert all(each.dtype == torch.float32 and each.min() >= 0 and each.max() <= 1 for each in maps)


def test_without_sizes_maps_stay_as_they_are(processor: DEDecoderImageProcessor) -> None:
    out = SimpleNamespace(logits=torch.randn(2, 1, 5, 6))
    maps = processor.post_process_saliency(out)
    torch.testing.assert_close(torch.stack(maps), out.logits[:, 0].sigmoid())


def test_masks_are_what_is_over_the_threshold(processor: DEDecoderImageProcessor) -> None:
    out = SimpleNamespace(logits=torch.tensor([[[[-2.0, 0.0, 0.5, 3.0]]]]))
    (half,) = processor.post_process_semantic_segmentation(out, [(1, 4)])
    (high,) = processor.post_process_semantic_segmentation(out, [(1, 4)], threshold=0.9)
    assert half.tolist() == [[0, 0, 1, 1]]
    assert high.tolist() == [[0, 0, 0, 1]]


def test_as_many_sizes_as_maps_are_asked_for(processor: DEDecoderImageProcessor) -> None:
    with pytest.raises(ValueError, match="1 target sizes for 2 saliency maps"):
        processor.post_process_saliency(SimpleNamespace(logits=torch.zeros(2, 1, 4, 4)), [(4, 4)])


def test_an_image_of_a_map_rounds_to_the_nearest_level() -> None:
    image = to_image(torch.tensor([[0.0, 0.4999 / 255, 0.5001 / 255, 1.0]]))
    assert image.mode == "L"
    assert np.asarray(image).tolist() == [[0, 0, 1, 255]]
