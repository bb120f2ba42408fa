"""A repository of the Hub to upload to: its name, its kind, who may write to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from .errors import HubError, UsageError
from .hub_errors import told

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Kind = Literal["model", "dataset", "space"]
KINDS: tuple[Kind, ...] = ("model", "dataset", "space")
FILES_A_COMMIT = 100
"""The Hub takes long for commits of more."""


def check_name(repo: str) -> None:
    """Refuses what is no name of a repository.

    Raises:
        UsageError: `repo` is not ``ORG/NAME``.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise UsageError(f"{error} Expected ORG/NAME") from error
    if "/" not in repo:
        raise UsageError(
            f"{repo!r} names no owner; expected ORG/NAME, where ORG is yours or you are a member"
        )


@contextmanager
def repository(repo: str, kind: Kind, private: bool) -> Iterator[HfApi]:
    """A client of the Hub and a repository to write to, made where there is none.

    Args:
        repo: ``ORG/NAME``.
        kind: of the repository.
        private: for a repository that is made now.

    Raises:
        HubError: no token, or one without the right to write; the name is taken by another kind of
            repository; the Hub cannot be reached, or breaks off before the block ends.
    """
    from huggingface_hub import HfApi, get_token

    token = get_token()
    if token is None:
        raise HubError("no token for the Hub; expected one in HF_TOKEN, or call `hf auth login`")
    api = HfApi(token=token, library_name="bdstr")
    with told(repo, api.endpoint, token):
        _make(api, repo, kind, private)
        yield api


def _make(api: HfApi, repo: str, kind: Kind, private: bool) -> None:
    if not api.repo_exists(repo, repo_type=kind):
        for other in KINDS:
            if other != kind and api.repo_exists(repo, repo_type=other):
                raise HubError(
                    f"{repo} is a {other} already; expected a {kind}, or no repository: choose a name"
                )
        # a Space of ours is pages that no server computes
        sdk = "static" if kind == "space" else None
        api.create_repo(repo, repo_type=kind, private=private, space_sdk=sdk)
    elif private and not api.repo_info(repo, repo_type=kind).private:
        raise HubError(
            f"{repo} is there and public; expected a private one: change that in its settings, or leave out "
            "--private"
        )


def commit(api: HfApi, repo: str, kind: Kind, operations: Sequence[Any], message: str) -> None:
    """Commits files to a repository, `FILES_A_COMMIT` at once, in their order.

    Args:
        api: of `repository`.
        repo: ``ORG/NAME``.
        kind: of the repository.
        operations: as huggingface_hub has them.
        message: of the commits, which are numbered where there are several.
    """
    groups = range(0, len(operations), FILES_A_COMMIT)
    for number, start in enumerate(groups, 1):
        part = f", part {number} of {len(groups)}" if len(groups) > 1 else ""
        api.create_commit(
            repo,
            operations[start : start + FILES_A_COMMIT],
            commit_message=f"{message}{part}",
            repo_type=kind,
        )
