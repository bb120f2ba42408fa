"""The network that training starts from."""

from __future__ import annotations

from typing import Any

import torch

from ..errors import ModelError, UsageError
from ..model.image_processing_dedecoder import DEDecoderImageProcessor
from ..model.modeling_dedecoder import DEDecoderForSalientObjectDetection
from ..model.presets import from_preset, preset_config
from .settings import Settings
from .trained import trained_network

SAVED_BY_LOADING = {"architectures", "dtype", "transformers_version", "_name_or_path"}


def starting_network(
    preset: str, settings: Settings, start: str = ""
) -> tuple[DEDecoderForSalientObjectDetection, DEDecoderImageProcessor]:
    """The network of a preset, laid out for speed, and an image processor of the size it is trained at.

    Args:
        preset: a key of `bdstr.model.PRESETS`.
        settings: of the run.
        start: a trained network of this preset, as `trained_network` finds it; none for ImageNet's weights.

    Raises:
        ModelError: the weights are not there, or are those of another network.
    """
    if start:
        network: Any = _started(start, preset, settings)
    else:
        network = from_preset(preset, settings.pretrained, **settings.model)
    side = settings.size_px
    processor = DEDecoderImageProcessor(size={"height": side, "width": side})
    layout: Any = torch.channels_last if settings.channels_last else torch.contiguous_format
    freeze_unused(network)
    return network.to(memory_format=layout), processor


def freeze_unused(network: DEDecoderForSalientObjectDetection) -> None:
    """Takes from training what no output depends on, such as the last norm of Swin.

    Several processes would wait for its gradient, and stop.
    """
    side = 2 * network.config.size_divisor
    network.eval()  # type: ignore[no-untyped-call]  # or batch norm would learn from what follows
    loss = network(torch.zeros(1, 3, side, side), labels=torch.zeros(1, side, side)).loss
    parameters = list(network.parameters())
    for parameter, gradient in zip(
        parameters, torch.autograd.grad(loss, parameters, allow_unused=True), strict=True
    ):
        parameter.requires_grad_(gradient is not None)


def refuse_impossible(preset: str, settings: Settings) -> None:
    """Refuses what is no network before a folder is begun for it.

    Raises:
        UsageError: there is no such preset, or the settings give it an impossible value.
    """
    try:
        with torch.device("meta"):  # whose weights take neither time nor memory
            DEDecoderForSalientObjectDetection(preset_config(preset, **settings.model))
    except ValueError as error:
        raise UsageError(f"model: {error}") from error


def _started(start: str, preset: str, settings: Settings) -> Any:
    network: Any = trained_network(start, "cpu")[0]
    wanted, found = (_shape(each) for each in (preset_config(preset, **settings.model), network.config))
    different = sorted(name for name in wanted if found.get(name) != wanted[name])
    if different:
        name = different[0]
        raise ModelError(
            f"{start} is no {preset}: its {name} is {_short(found.get(name))}, not {_short(wanted[name])}; "
            "expected a network of this preset: name its --preset, or what differs, by --set model.KEY=VALUE"
        )
    return network


def _shape(config: Any) -> dict[str, Any]:
    fields = config.to_dict()
    backbone = {f"backbone.{name}": value for name, value in fields.pop("backbone_config").items()}
    both = {**fields, **backbone}
    return {name: value for name, value in both.items() if name.split(".")[-1] not in SAVED_BY_LOADING}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
