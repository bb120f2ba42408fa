"""DEDecoder: what its parts are and what its loss weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from transformers import AutoConfig, PreTrainedConfig

from .configuration_efficientnet_lite import EfficientNetLiteConfig

UPSAMPLES = ("dysample", "bilinear")
LABELS = {0: "background", 1: "salient object"}
TINY_STAGES = ["stage2", "stage3", "stage5", "stage7"]
CLASS = "modeling_dedecoder.DEDecoderForSalientObjectDetection"
AUTO_MAP = {
    "AutoConfig": "configuration_dedecoder.DEDecoderConfig",
    "AutoImageProcessor": "image_processing_dedecoder.DEDecoderImageProcessor",
    "AutoModelForImageSegmentation": CLASS,
    "AutoModelForSemanticSegmentation": CLASS,
}
"""Where transformers finds the classes when a saved folder is loaded with ``trust_remote_code=True``."""


class DEDecoderConfig(PreTrainedConfig):  # type: ignore[no-untyped-call]  # its __init_subclass__
    """A backbone, a decoder on learnt upsampling with an edge branch, and a loss of three terms.

    Args:
        backbone_config: of any backbone of `AutoBackbone`, its ``out_features`` from fine to coarse; that of
            EfficientNet-Lite0 unless told.
        channels: of the decoder from the coarsest stage to the finest.
        head_channels: of the last block, at twice the resolution of the finest stage.
        head_kernel: of that block's first convolution, an odd number.
        context_dilations: of 3x3 convolutions side by side on the coarsest stage, which widen what a pixel
            sees; none leaves the context out.
        skip_connections: add each stage to the decoder at its resolution. Without them only the coarsest
            stage and, through the edge branch, the finest are used.
        edge_branch: predict edges from the finest stage and give their features to the last block.
        upsample: ``dysample`` or ``bilinear``, for every step on features.
        dysample_style: ``lp`` or ``pl``.
        dysample_groups: of channels that share their offsets.
        dysample_dynamic: scale offsets by a learnt scope.
        size_divisor: images are padded to a multiple of it, and what is predicted is cut back.
        bce_weight: of partial BCE on saliency.
        bce_balanced: average its foreground and background apart.
        iou_weight: of the IoU loss on saliency.
        edge_weight: of BCE on edges.
        edge_width_px: of the band that edges are learnt as; see `bdstr.edges`.
        side_weight: of deep supervision: BCE and IoU on what each coarser step of the decoder predicts; 0
            leaves these predictions out.

    Raises:
        ValueError: a value is out of its range.
    """

    model_type = "dedecoder"
    sub_configs = {"backbone_config": AutoConfig}  # noqa: RUF012  # as transformers declares it
    keys_to_ignore_at_inference = ("edge_logits", "side_logits")

    def __init__(
        self,
        backbone_config: PreTrainedConfig | Mapping[str, Any] | None = None,
        channels: int = 64,
        head_channels: int = 32,
        head_kernel: int = 5,
        context_dilations: Sequence[int] = (1, 2, 4),
        skip_connections: bool = True,
        edge_branch: bool = True,
        upsample: str = "dysample",
        dysample_style: str = "lp",
        dysample_groups: int = 4,
        dysample_dynamic: bool = False,
        size_divisor: int = 32,
        bce_weight: float = 1.0,
        bce_balanced: bool = False,
        iou_weight: float = 1.0,
        edge_weight: float = 1.0,
        edge_width_px: int = 3,
        side_weight: float = 0.0,
        **kwargs: Any,
    ) -> None:
        self.backbone_config = _backbone(backbone_config)
        self.channels = channels
        self.head_channels = head_channels
        self.head_kernel = head_kernel
        self.context_dilations = list(context_dilations)
        self.skip_connections = skip_connections
        self.edge_branch = edge_branch
        self.upsample = upsample
        self.dysample_style = dysample_style
        self.dysample_groups = dysample_groups
        self.dysample_dynamic = dysample_dynamic
        self.size_divisor = size_divisor
        self.bce_weight = bce_weight
        self.bce_balanced = bce_balanced
        self.iou_weight = iou_weight
        self.edge_weight = edge_weight
        self.edge_width_px = edge_width_px
        self.side_weight = side_weight
        self._check()
        kwargs.setdefault("id2label", dict(LABELS))
        kwargs.setdefault("label2id", {name: n for n, name in LABELS.items()})
        kwargs.setdefault("auto_map", dict(AUTO_MAP))
        super().__init__(**kwargs)

    def _check(self) -> None:
        if self.upsample not in UPSAMPLES:
            raise ValueError(f"upsample={self.upsample!r}; expected one of {', '.join(UPSAMPLES)}")
        for name, least in (("head_kernel", 1), ("edge_width_px", 3)):
            value = getattr(self, name)
            if value < least or value % 2 == 0:
                raise ValueError(f"{name}={value}; expected an odd number from {least}")
        for name in ("bce_weight", "iou_weight", "edge_weight", "side_weight"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise ValueError(f"{name}={value}; expected a finite number, not negative")


def _backbone(given: PreTrainedConfig | Mapping[str, Any] | None) -> PreTrainedConfig:
    if given is None:
        return EfficientNetLiteConfig(out_features=TINY_STAGES)
    if not isinstance(given, Mapping):
        return given
    fields = dict(given)
    kind = fields.pop("model_type", None)
    if kind == EfficientNetLiteConfig.model_type:  # transformers does not know it where bdstr is not imported
        return EfficientNetLiteConfig(**fields)
    config: PreTrainedConfig = AutoConfig.for_model(kind, **fields)
    return config
