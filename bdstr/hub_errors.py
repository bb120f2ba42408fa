"""What goes wrong between us and the Hub, told: what was found, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .errors import HubError

_SO_FAR = {False: "what is uploaded stays, the rest follows", True: "nothing was changed"}


@contextmanager
def told(repo: str, endpoint: str, token: str | None, *, reading: bool = False) -> Iterator[None]:
    """What goes wrong between us and the Hub, as an error of ours, in which the token never stands.

    Args:
        repo: ``ORG/NAME``.
        endpoint: address of the Hub.
        token: None where there is none.
        reading: whether nothing is written there.

    Raises:
        HubError: says what was found, what was expected, what to do.
    """
    try:
        yield
    except HubError:
        raise
    except Exception as error:
        message = _explain(error, repo, endpoint, reading)
        if message is None:
            raise
        raise HubError(
            message.replace(token, "***") if token else message
        ) from None  # a traceback would show the request


def _explain(error: BaseException, repo: str, endpoint: str, reading: bool) -> str | None:
    """What went wrong and what to do; None where the error has nothing to do with the Hub."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    # the base is that of whichever library the client speaks HTTP with; hf_xet knows only the others
    broken_off = (HfHubHTTPError.__bases__[0], OSError, RuntimeError)
    causes = list(_causes(error))
    for cause in reversed(causes):  # the innermost knows most
        if isinstance(cause, HfHubHTTPError):
            return _refusal(cause, repo, endpoint, reading)
        if isinstance(cause, OfflineModeIsEnabled):
            return "HF_HUB_OFFLINE is set; expected a network: unset it"
        if isinstance(cause, OSError) and cause.filename is not None:
            return f"{cause.filename}: {cause.strerror}; expected a file that stays as it is: call again"
    if any(isinstance(cause, broken_off) for cause in causes):
        return (
            f"{endpoint} cannot be reached, or broke off ({causes[-1]}); check the network and call again: "
            f"{_SO_FAR[reading]}"
        )
    if isinstance(error, ValueError):  # README.md, or an answer that the client cannot make sense of
        return f"{endpoint} did not take {repo}: {error}"
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _refusal(error: Any, repo: str, endpoint: str, reading: bool) -> str:
    status = error.response.status_code
    said = error.server_message or error.response.headers.get("X-Error-Message") or str(error).strip()
    tokens = f"{endpoint}/settings/tokens"
    if reading and status in (401, 403, 404):  # the Hub tells nobody what is private
        return (
            f"{repo} cannot be read ({said}); expected a public repository of that name, or a token that may "
            f"read it: see {tokens}"
        )
    if status == 401:
        return f"{endpoint} does not accept the token ({said}); expected a valid one: make one at {tokens}"
    if status in (403, 404):
        return (
            f"no permission to write to {repo} ({said}); expected a token with the right to write to "
            f"{repo.split('/')[0]}: see {tokens}"
        )
    return f"{endpoint} answered {status} ({said}); call again later: {_SO_FAR[reading]}"
