"""DEDecoder: what its parts are and what its loss weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from transformers import CONFIG_MAPPING, AutoConfig, PreTrainedConfig

from .configuration_efficientnet_lite import EfficientNetLiteConfig

UPSAMPLES = ("dysample", "bilinear")
SWITCHES = ("skip_connections", "edge_branch", "dysample_dynamic", "bce_balanced")
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
        self.context_dilations = _list("context_dilations", context_dilations)
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
        for name in SWITCHES:
            if not isinstance(getattr(self, name), bool):  # a text, "no" too, would switch it on
                raise ValueError(f"{name}={getattr(self, name)!r}; expected true or false")
        for name in ("channels", "head_channels", "dysample_groups", "size_divisor"):
            _refuse_unless_whole(name, getattr(self, name), 1)
        for dilation in self.context_dilations:
            _refuse_unless_whole("context_dilations", dilation, 1)
        for name, least in (("head_kernel", 1), ("edge_width_px", 3)):
            _refuse_unless_whole(name, getattr(self, name), least, odd=True)
        for name in ("bce_weight", "iou_weight", "edge_weight", "side_weight"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value < float("inf"):
                raise ValueError(f"{name}={value!r}; expected a finite number, not negative")


def _refuse_unless_whole(name: str, value: object, least: int, odd: bool = False) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
    if not whole or (odd and value % 2 == 0):  # type: ignore[operator]
        raise ValueError(f"{name}={value!r}; expected {'an odd' if odd else 'a whole'} number from {least}")


def _list(name: str, values: object) -> list[Any]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ValueError(f"{name}={values!r}; expected a list")
    return list(values)


def _backbone(given: object) -> PreTrainedConfig:
    if given is None:
        return EfficientNetLiteConfig(out_features=TINY_STAGES)
    if isinstance(given, PreTrainedConfig):
        return given
    if not isinstance(given, Mapping):
        raise ValueError(f"backbone_config={given!r}; expected the configuration of one, or its fields")
    fields = dict(given)
    kind = fields.pop("model_type", None)
    if kind == EfficientNetLiteConfig.model_type:  # transformers does not know it where bdstr is not imported
        return EfficientNetLiteConfig(**fields)
    if kind not in CONFIG_MAPPING:
        raise ValueError(f"backbone_config of the model_type {kind!r}; expected one that transformers knows")
    config: PreTrainedConfig = AutoConfig.for_model(kind, **fields)
    return config
