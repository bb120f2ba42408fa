"""How the Hugging Face Hub would be reached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hub:
    """The settings of its client.

    Args:
        home: ``HF_HOME``, where its cache is.
        offline: whether ``HF_HUB_OFFLINE`` keeps it from the network.
        token: whether there is one; what it is, nobody is told.
    """

    home: str
    offline: bool
    token: bool


def hub() -> Hub | None:
    """None where the client cannot be imported."""
    try:
        from huggingface_hub import constants, get_token
    except ImportError:
        return None
    return Hub(constants.HF_HOME, constants.HF_HUB_OFFLINE, get_token() is not None)
