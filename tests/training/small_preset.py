"""A network for tests that train in other processes, too: the preset ``small``."""

from __future__ import annotations

from pathlib import Path

SMALL = """{
    "model_type": "efficientnet-lite",
    "embedding_size": 8,
    "hidden_sizes": [8, 12, 16, 24],
    "depths": [1, 1, 2, 1],
    "kernel_sizes": [3, 3, 5, 3],
    "strides": [1, 2, 2, 2],
    "expand_ratios": [1, 2, 2, 2],
    "batch_norm_momentum": 0.2,
    "out_features": ["stage2", "stage3", "stage4"],
}, {"channels": 8, "head_channels": 8, "size_divisor": 16}"""
"""A network of a few thousand parameters; as text, since a test gives it to another process."""
ADD_SMALL = f"from bdstr.model.presets import PRESETS, Preset; PRESETS['small'] = Preset({SMALL})"
SETTINGS = (
    "pretrained=false size_px=32 scales=[1.0,2.0] batch=6 epochs=12 evaluate_every=4 log_every=8 "
    "decoder_learning_rate=0.01 backbone_learning_rate=0.01"
)


def arguments(dataset: Path, out: Path, *more: str) -> list[str]:
    """Of `bdstr train`."""
    given = ["--dataset", str(dataset), "--out", str(out), "--preset", "small", "--cpu", "--workers", "0"]
    for setting in (*SETTINGS.split(), *more):
        given += ["--set", setting]
    return given
