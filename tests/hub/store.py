"""What the test Hub keeps: users, repositories with their commits, and large objects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

BRANCH = "main"
EMPTY = hashlib.sha1(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class User:
    """Whose token a request carries.

    Args:
        name: theirs; also a namespace.
        writes: the namespaces that the token may write to.
    """

    name: str
    writes: frozenset[str]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a commit; a large one was uploaded as an object before."""

    data: bytes
    large: bool = False

    @property
    def git_oid(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()

    @property
    def oid(self) -> str:
        """What the Hub compares files by, and sends as their ETag."""
        return hashlib.sha256(self.data).hexdigest() if self.large else self.git_oid


Tree = Mapping[str, File]


@dataclass(slots=True)
class Repo:
    """A repository of one branch: every commit with all of its files."""

    kind: str
    name: str
    private: bool
    commits: dict[str, Tree] = field(default_factory=lambda: {EMPTY: {}})

    @property
    def head(self) -> str:
        return list(self.commits)[-1]

    def tree(self, revision: str) -> Tree | None:
        return self.commits.get(self.head if revision == BRANCH else revision)

    def commit(self, added: Tree, removed: set[str]) -> str:
        tree = {path: file for path, file in self.commits[self.head].items() if path not in removed}
        tree |= added
        lines = [f"{path} {file.oid}" for path, file in sorted(tree.items())]
        sha = hashlib.sha1("\n".join([self.head, *lines]).encode()).hexdigest()
        self.commits[sha] = tree
        return sha


@dataclass(slots=True)
class Store:
    """Everything: token -> user, (kind, name) -> repository, sha256 -> object."""

    users: dict[str, User] = field(default_factory=dict)
    repos: dict[tuple[str, str], Repo] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
