"""A trained network from a folder or the Hub: safetensors only."""

from __future__ import annotations

import os
from typing import Any

from safetensors import SafetensorError
from transformers import AutoConfig, AutoImageProcessor

from ..errors import ModelError
from .configuration_dedecoder import DEDecoderConfig
from .image_processing_dedecoder import DEDecoderImageProcessor
from .modeling_dedecoder import DEDecoderForSalientObjectDetection

UNLIKE = (AttributeError, TypeError)
"""What transformers raises of a JSON file that holds something else than fields."""


def load(
    model: str | os.PathLike[str], revision: str = "main"
) -> tuple[DEDecoderForSalientObjectDetection, DEDecoderImageProcessor]:
    """A network, ready to answer, and the image processor saved beside it.

    Args:
        model: a folder that `save_pretrained` wrote, or a Hub id.
        revision: of the Hub repository.

    Raises:
        ModelError: there is none, it has no safetensors, it is another kind of model, or weights are missing.
    """
    # A Hub model without safetensors would be sent to a service that converts it, with the user's token.
    os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
    where = os.fspath(model)
    try:
        kind = AutoConfig.from_pretrained(where, revision=revision, trust_remote_code=False).model_type
        if kind != DEDecoderConfig.model_type:
            raise ModelError(
                f"{where} is a model of the kind {kind!r}; expected {DEDecoderConfig.model_type!r}"
            )
        loaded: Any = DEDecoderForSalientObjectDetection.from_pretrained(
            where, revision=revision, output_loading_info=True, ignore_mismatched_sizes=True
        )
        processor = AutoImageProcessor.from_pretrained(  # type: ignore[no-untyped-call]
            where, revision=revision, backend="pil"
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError, *UNLIKE) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"{where}: no network can be loaded ({reason}); expected a Hub id, or a folder that "
            "save_pretrained wrote, with config.json, model.safetensors and preprocessor_config.json"
        ) from error
    network, told = loaded
    _refuse_others(where, told)
    return network.eval(), processor


def _refuse_others(where: str, told: Any) -> None:
    """Weights that are missing or do not fit would be random ones, and the maps would look like maps."""
    others = [name for name, *_ in told["mismatched_keys"]]
    what_there_is = (
        ("has in other sizes", others),
        ("misses", told["missing_keys"]),
        ("has besides", told["unexpected_keys"]),
    )
    for what, unsorted in what_there_is:
        if names := sorted(unsorted):
            raise ModelError(
                f"{where}: its model.safetensors {what} {len(names)} weights of its config.json, {names[0]} "
                "among them; expected both of one network"
            )
