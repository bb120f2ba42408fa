"""DEDecoder, a network for salient object detection, as a model of transformers.

To import this is to register it: afterwards `AutoModelForImageSegmentation`, `AutoImageProcessor` and
``pipeline("image-segmentation")`` load it without ``trust_remote_code``. Files named after the network import
nothing but torch, transformers, numpy and Pillow, since each saved folder holds them and other people load it
without bdstr; they therefore raise `ValueError`.
"""

from .configuration_dedecoder import DEDecoderConfig
from .configuration_efficientnet_lite import EfficientNetLiteConfig
from .dysample import DySample
from .image_processing_dedecoder import DEDecoderImageProcessor, to_image
from .loading import load
from .losses import edge_target, iou_loss, partial_bce
from .modeling_dedecoder import DEDecoderForSalientObjectDetection, DEDecoderOutput
from .modeling_efficientnet_lite import EfficientNetLiteBackbone
from .presets import PRESETS, from_preset, preset_config, preset_processor
from .registration import register

__all__ = [
    "PRESETS",
    "DEDecoderConfig",
    "DEDecoderForSalientObjectDetection",
    "DEDecoderImageProcessor",
    "DEDecoderOutput",
    "DySample",
    "EfficientNetLiteBackbone",
    "EfficientNetLiteConfig",
    "edge_target",
    "from_preset",
    "iou_loss",
    "load",
    "partial_bce",
    "preset_config",
    "preset_processor",
    "to_image",
]

register()
