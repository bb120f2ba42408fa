"""DEDecoder for salient object detection, as a model of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoBackbone, PreTrainedConfig, PreTrainedModel
from transformers import initialization as init
from transformers.utils.generic import ModelOutput

from .configuration_dedecoder import DEDecoderConfig
from .decoder import Decoder
from .dysample import OffsetConv2d
from .losses import edge_target, iou_loss, partial_bce
from .modeling_efficientnet_lite import EfficientNetLiteBackbone


@dataclass
class DEDecoderOutput(ModelOutput):
    """What the network says of images ``b 3 h w``.

    Args:
        loss: a number, where labels were given.
        logits: of saliency, ``b 1 h w``.
        edge_logits: of the outline of what is salient, ``b 1 h w``; None without the edge branch.
        saliency: the sigmoid of the logits, ``b 1 h w``, 0 to 1.
        side_logits: ``b 1 h w`` of each coarser step of the decoder; None without deep supervision.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    edge_logits: Tensor | None = None
    saliency: Tensor | None = None
    side_logits: tuple[Tensor, ...] | None = None


class DEDecoderForSalientObjectDetection(PreTrainedModel):  # type: ignore[no-untyped-call]
    """A backbone of transformers and the decoder on it.

    Example:
        >>> model = DEDecoderForSalientObjectDetection(DEDecoderConfig()).eval()
        >>> model(torch.zeros(2, 3, 65, 47)).saliency.shape
        torch.Size([2, 1, 65, 47])
    """

    config_class = DEDecoderConfig
    main_input_name = "pixel_values"
    base_model_prefix = ""

    def __init__(self, config: DEDecoderConfig) -> None:
        super().__init__(config)
        self.backbone = make_backbone(config.backbone_config)
        self.decoder = Decoder(config, self.backbone.channels)
        self.post_init()  # type: ignore[no-untyped-call]

    @classmethod
    def from_pretrained(cls, *where: Any, use_safetensors: bool | None = None, **options: Any) -> Any:
        """As transformers does, but from safetensors alone; from a pickle by ``use_safetensors=False``."""
        safe = use_safetensors is not False
        return super().from_pretrained(*where, use_safetensors=safe, **options)

    def forward(
        self,
        pixel_values: Tensor,
        labels: Tensor | None = None,
        known: Tensor | None = None,
        return_dict: bool | None = None,
        **_: Any,
    ) -> DEDecoderOutput | tuple[Any, ...]:
        """Saliency of images of any size.

        Args:
            pixel_values: ``b 3 h w``, normalised as the image processor does, in any floating-point type: the
                network computes in that of its weights.
            labels: masks ``b h w`` or ``b 1 h w``, 0 to 1 (not 255).
            known: which pixels of the labels can be trusted, ``b h w`` or ``b 1 h w``; all where None. The
                others count in no term of the loss.
            return_dict: False for a plain tuple; as the configuration says unless told.

        Raises:
            ValueError: labels or known pixels are of another shape than the images.
        """
        pixel_values = pixel_values.to(self.decoder.head.logits.weight.dtype)
        made = self.decoder(self.backbone(pad(pixel_values, self.config.size_divisor)).feature_maps)
        logits = self._cut(made.saliency, pixel_values)  # b 1 h w
        edges = None if made.edges is None else self._cut(made.edges, pixel_values)
        sides = tuple(self._cut(side, pixel_values) for side in made.sides)
        loss = None
        if labels is not None:
            known = None if known is None else like(logits, known, "known")
            terms = self.loss_terms(logits, edges, sides, like(logits, labels, "labels"), known)
            loss = torch.stack(list(terms.values())).sum()
        out = DEDecoderOutput(loss, logits, edges, logits.sigmoid(), sides or None)
        as_dict = self.config.return_dict if return_dict is None else return_dict
        return out if as_dict else out.to_tuple()

    def loss_terms(
        self,
        logits: Tensor,
        edge_logits: Tensor | None,
        side_logits: Sequence[Tensor],
        target: Tensor,
        known: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """The weighted terms of the loss by their names.

        L = w_p partialBCE(saliency) + w_i IoU(saliency) + w_e BCE(edges) + w_s (BCE + IoU)(sides)

        Args:
            logits: of saliency, ``b 1 h w``.
            edge_logits: of the same shape, or None.
            side_logits: of the same shape each; they share one weight.
            target: of the same shape, 0 to 1.
            known: of the same shape: the others count in no term. None where all are known.
        """
        config = self.config
        terms = {
            "bce": config.bce_weight * partial_bce(logits, target, known, config.bce_balanced),
            "iou": config.iou_weight * iou_loss(logits, target, known),
        }
        if edge_logits is not None:
            band = edge_target(target, config.edge_width_px)
            terms["edge"] = config.edge_weight * partial_bce(edge_logits, band, known)
        if side_logits:
            sides = [partial_bce(each, target, known) + iou_loss(each, target, known) for each in side_logits]
            terms["side"] = config.side_weight * torch.stack(sides).mean()
        return terms

    def _cut(self, logits: Tensor, image: Tensor) -> Tensor:
        """Logits ``b 1 h' w'`` of the padded image at the size of the image itself."""
        h, w = image.shape[-2:]
        divisor = self.config.size_divisor
        full = functional.interpolate(
            logits, size=(h + -h % divisor, w + -w % divisor), mode="bilinear", align_corners=False
        )
        return full[..., :h, :w]

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, OffsetConv2d):
            module.reset_parameters()
            return
        super()._init_weights(module)  # type: ignore[no-untyped-call]
        if isinstance(module, nn.Conv2d):
            init.kaiming_normal_(module.weight, nonlinearity="relu")


def make_backbone(config: PreTrainedConfig) -> Any:
    """Any backbone of `AutoBackbone`; that of our own, which it does not know where bdstr is not imported."""
    if config.model_type == EfficientNetLiteBackbone.config_class.model_type:
        return EfficientNetLiteBackbone(config)  # type: ignore[arg-type]
    return AutoBackbone.from_config(config)  # type: ignore[no-untyped-call]


def like(logits: Tensor, given: Tensor, name: str) -> Tensor:
    """What is said of pixels, ``b h w`` or ``b 1 h w``, as ``b 1 h w``. A reshape would turn sides around."""
    shaped = given[:, None] if given.ndim == 3 else given
    if shaped.shape != logits.shape:
        b, _, h, w = logits.shape
        raise ValueError(f"{name} of the shape {tuple(given.shape)}; expected {(b, h, w)} or {(b, 1, h, w)}")
    return shaped


def pad(image: Tensor, divisor: int) -> Tensor:
    """Repeats the right and lower border up to a multiple of the divisor: ``b 3 h w`` -> ``b 3 h' w'``."""
    h, w = image.shape[-2:]
    below, right = -h % divisor, -w % divisor
    return functional.pad(image, (0, right, 0, below), mode="replicate") if below or right else image
