"""Models from a folder or the Hub: safetensors only, on the device and in the precision asked for."""

from __future__ import annotations

import os
from typing import Any

import torch
from safetensors import SafetensorError

from bdstr.errors import RecipeError, RunError

from ..checkpoint import Checkpoint, folder_of
from ..memory import first_line, is_out_of_memory

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def pick_device(name: str) -> torch.device:
    """The device of that name; of ``auto``, the first GPU or else the processor.

    Never MPS by itself: nothing here has been run on one.

    Raises:
        RecipeError: there is no such device; says which there are.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # torch built without CUDA asserts
        reason = str(error).splitlines()[0].partition(". ")[0]
        raise RecipeError(
            f"device {name!r}: {reason}; there is {', '.join(devices())}: name one of these, or auto"
        ) from error
    return device


def devices() -> list[str]:
    """What torch can compute on here, as `pick_device` takes it."""
    gpus = [f"cuda:{i} ({torch.cuda.get_device_name(i)})" for i in range(torch.cuda.device_count())]
    return ["cpu", *gpus, *(["mps"] if torch.backends.mps.is_available() else [])]


def pick_dtype(name: str, device: torch.device) -> torch.dtype:
    """The precision of that name; of ``auto``, bfloat16 on a GPU that has it and float32 elsewhere.

    Raises:
        RecipeError: there is no such precision.

    Example:
        >>> pick_dtype("auto", torch.device("cpu"))
        torch.float32
    """
    if name == "auto":
        has_bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if has_bfloat16 else torch.float32
    if name not in DTYPES:
        raise RecipeError(f"dtype {name!r}; expected auto, {', '.join(DTYPES)}")
    return DTYPES[name]


def load_model(kind: str, checkpoint: Checkpoint, dtype: torch.dtype, device: torch.device) -> Any:
    """A model, ready to answer.

    Args:
        kind: the name of its class in transformers.
        checkpoint: where it is.
        dtype: of its weights.
        device: that holds it.

    Raises:
        RecipeError: there is none, it has no safetensors, or it is another kind of model.
    """
    import transformers

    quiet: Any = transformers.utils.logging
    quiet.disable_progress_bar()  # it would be drawn over the run's own
    made = getattr(transformers, kind)
    load_config(made.config_class.model_type, checkpoint)
    return _moved(_load(made, checkpoint, dtype=dtype, use_safetensors=True), checkpoint, device).eval()


def _moved(model: Any, checkpoint: Checkpoint, device: torch.device) -> Any:
    try:
        return model.to(device)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise RunError(
            f"{checkpoint.model} does not fit into the memory of {device} ({first_line(error)}); expected "
            "room for it: end what else runs there, use fewer --processes, or a smaller model"
        ) from error


def load_config(kind: str, checkpoint: Checkpoint) -> Any:
    """The sizes of a model.

    Raises:
        RecipeError: there are none, or they are of another kind: its weights would be passed over, and
            random ones taken instead.
    """
    from transformers import AutoConfig

    config = _load(AutoConfig, checkpoint)
    if config.model_type != kind:
        raise RecipeError(
            f"{checkpoint.model} is a model of the kind {config.model_type!r}; expected {kind!r}"
        )
    return config


def load_image_processor(checkpoint: Checkpoint) -> Any:
    """Turns photographs into a model's input, by PIL: without torchvision, the same on every machine."""
    from transformers import AutoImageProcessor

    return _load(AutoImageProcessor, checkpoint, backend="pil")


def load_tokenizer(checkpoint: Checkpoint) -> Any:
    """Turns text into a model's input."""
    from transformers import AutoTokenizer

    return _load(AutoTokenizer, checkpoint)


def _load(kind: Any, checkpoint: Checkpoint, **options: Any) -> Any:
    # A Hub model without safetensors would be sent to a service that converts it, with the user's token.
    os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
    folder = folder_of(checkpoint.model)
    where = str(folder) if folder else checkpoint.model
    try:
        return kind.from_pretrained(where, revision=checkpoint.revision, **options)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RecipeError(
            f"{checkpoint.model} at {checkpoint.revision}: no {kind.__name__} can be loaded ({reason}); "
            "expected a Hub id, or a folder that save_pretrained wrote, with model.safetensors"
        ) from error
