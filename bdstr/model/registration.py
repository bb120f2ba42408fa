"""What makes transformers know the network by its configuration, and save its code beside its weights."""

from __future__ import annotations

from transformers import (
    AutoBackbone,
    AutoConfig,
    AutoImageProcessor,
    AutoModelForImageSegmentation,
    AutoModelForSemanticSegmentation,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_SEGMENTATION_MAPPING_NAMES

from .configuration_dedecoder import DEDecoderConfig
from .configuration_efficientnet_lite import EfficientNetLiteConfig
from .image_processing_dedecoder import DEDecoderImageProcessor
from .modeling_dedecoder import DEDecoderForSalientObjectDetection
from .modeling_efficientnet_lite import EfficientNetLiteBackbone


def register() -> None:
    """Registers the classes; done again it changes nothing."""
    AutoConfig.register(EfficientNetLiteConfig.model_type, EfficientNetLiteConfig, exist_ok=True)
    AutoBackbone.register(EfficientNetLiteConfig, EfficientNetLiteBackbone, exist_ok=True)
    AutoConfig.register(DEDecoderConfig.model_type, DEDecoderConfig, exist_ok=True)
    for auto in (AutoModelForImageSegmentation, AutoModelForSemanticSegmentation):
        auto.register(DEDecoderConfig, DEDecoderForSalientObjectDetection, exist_ok=True)
    AutoImageProcessor.register(
        DEDecoderConfig, image_processor_classes={"pil": DEDecoderImageProcessor}, exist_ok=True
    )
    # The pipeline looks for its models by name in this table alone, and would call ours unsupported.
    MODEL_FOR_IMAGE_SEGMENTATION_MAPPING_NAMES[DEDecoderConfig.model_type] = (
        DEDecoderForSalientObjectDetection.__name__
    )
    DEDecoderConfig.register_for_auto_class()  # type: ignore[no-untyped-call]
    DEDecoderForSalientObjectDetection.register_for_auto_class(  # type: ignore[no-untyped-call]
        "AutoModelForImageSegmentation"
    )
