"""The part of the test Hub that reads."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

from calls import Answer, Call, RefusedError, repo_of, tree_of
from store import BRANCH, Repo, Store

DATE = "2026-01-01T00:00:00.000Z"


def info(store: Store, call: Call, kind: str, name: str, revision: str = BRANCH) -> Any:
    repo = repo_of(store, call, kind, name)
    files = [{"rfilename": path} for path in sorted(tree_of(repo, revision))]
    sha = repo.head if revision == BRANCH else revision
    return {"id": name, "sha": sha, "private": repo.private, "siblings": files, "tags": []}


def tree(store: Store, call: Call, kind: str, name: str, revision: str, below: str | None = None) -> Any:
    entries = _entries(repo_of(store, call, kind, name), revision)
    inside = {path: one for path, one in entries.items() if not below or path.startswith(f"{below}/")}
    if below and not inside:
        raise RefusedError(404, f"{below} does not exist", "EntryNotFound")
    deep = call.query.get("recursive", [""])[0].lower() in ("true", "1")
    level = len(below.split("/")) if below else 0
    return [one for path, one in inside.items() if deep or path.count("/") == level]


def paths_info(store: Store, call: Call, kind: str, name: str, revision: str) -> Any:
    entries = _entries(repo_of(store, call, kind, name), revision)
    return [entries[path] for path in parse_qs(call.body.decode())["paths"] if path in entries]


def _entries(repo: Repo, revision: str) -> dict[str, dict[str, Any]]:
    """Path -> how the Hub lists it, folders among them."""
    last = {"lastCommit": {"id": repo.head, "title": "a commit", "date": DATE}}
    entries: dict[str, dict[str, Any]] = {}
    for path, file in sorted(tree_of(repo, revision).items()):
        for end in (match.start() for match in re.finditer("/", path)):
            folder = path[:end]
            entries[folder] = {"type": "directory", "path": folder, "oid": repo.head, "size": 0, **last}
        size = len(file.data)
        lfs = {"lfs": {"oid": file.oid, "size": size, "pointerSize": 130}} if file.large else {}
        entries[path] = {"type": "file", "path": path, "oid": file.git_oid, "size": size, **lfs, **last}
    return entries


def refs(store: Store, call: Call, kind: str, name: str) -> Any:
    head = repo_of(store, call, kind, name).head
    branch = {"name": BRANCH, "ref": f"refs/heads/{BRANCH}", "targetCommit": head}
    return {"branches": [branch], "converts": [], "tags": []}


def resolve(store: Store, call: Call, kind: str | None, name: str, revision: str, path: str) -> Answer:
    repo = repo_of(store, call, kind, name)
    sha, file = repo.head if revision == BRANCH else revision, tree_of(repo, revision).get(path)
    if file is None:
        return Answer(404, headers={"X-Error-Code": "EntryNotFound", "X-Repo-Commit": sha})
    headers = {"ETag": f'"{file.oid}"', "X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", call.headers.get("Range", ""))
    if part is None:
        return Answer(200, file.data, headers)
    size, start = len(file.data), int(part[1])
    if start >= size:
        return Answer(416, headers={"Content-Range": f"bytes */{size}"})
    data = file.data[start : int(part[2]) + 1 if part[2] else None]
    return Answer(206, data, headers | {"Content-Range": f"bytes {start}-{start + len(data) - 1}/{size}"})
