"""What the test Hub is asked, by whom, and what it sends back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from store import Repo, Store, Tree, User


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read to its end."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back, where that is more than JSON with status 200."""

    status: int
    data: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """Ends a request with another status."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def user_of(store: Store, call: Call) -> User | None:
    token = call.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and token not in store.users:
        raise RefusedError(401, "Invalid credentials in Authorization header")
    return store.users.get(token)


def may_write(user: User | None, name: str) -> bool:
    return user is not None and name.split("/")[0] in user.writes


def repo_of(store: Store, call: Call, kind: str | None, name: str, *, write: bool = False) -> Repo:
    user, repo = user_of(store, call), store.repos.get((kind or "model", name))
    if repo is None or (repo.private and not may_write(user, name)):
        raise RefusedError(404 if user else 401, "Repository not found", "RepoNotFound")
    if write and not may_write(user, name):
        raise RefusedError(403, f"You don't have the rights to write to {name}")
    return repo


def tree_of(repo: Repo, revision: str) -> Tree:
    tree = repo.tree(revision)
    if tree is None:
        raise RefusedError(404, "Invalid rev id", "RevisionNotFound")
    return tree
