"""What the models of the recipe `bds-tr` have to compute: the limit that no pipeline can beat."""

from __future__ import annotations

from collections.abc import Mapping

TFLOP_AN_IMAGE: Mapping[str, float] = {
    "BLIP-base, 384², 3 beams, 20 tokens": 0.18,
    "Grounding DINO Swin-T, 800 x 1333": 0.82,
    "SAM ViT-H, 1024²": 5.96,
}
"""Of the forward pass, counted on the models' own layers, two a multiply-add."""
SAM_VIT_B_TFLOP = 0.97
"""Of the recipe `bds-tr-small`, in place of ViT-H."""
H100_TFLOP_A_SECOND = 800.0
"""What an H100 does at its best in dense bfloat16, about."""


def images_a_second(
    tflop_an_image: float, share: float, tflop_a_second: float = H100_TFLOP_A_SECOND
) -> float:
    """How many images a GPU gets through when it computes at a share of its limit.

    Example:
        >>> round(images_a_second(8.0, 0.5))
        50
    """
    return share * tflop_a_second / tflop_an_image
