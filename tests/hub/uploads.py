"""The part of the test Hub that writes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from calls import Answer, Call, RefusedError, may_write, repo_of, tree_of, user_of
from store import File, Repo, Store


def whoami(store: Store, call: Call) -> Any:
    user = user_of(store, call)
    if user is None:
        raise RefusedError(401, "Invalid username or password.")
    return {"type": "user", "name": user.name, "orgs": [{"name": one} for one in sorted(user.writes)]}


def validate_yaml(store: Store, call: Call) -> Any:
    if not json.loads(call.body)["content"].startswith("---\n"):
        return Answer(400, json.dumps({"errors": [{"message": "no metadata"}]}).encode())
    return {"errors": [], "warnings": []}


def create(store: Store, call: Call) -> Any:
    wish, user = json.loads(call.body), user_of(store, call)
    kind, name = wish.get("type") or "model", f"{wish.get('organization')}/{wish['name']}"
    if not may_write(user, name):
        raise RefusedError(403, f"You don't have the rights to create {name}")
    url = {"url": f"http://{call.headers['Host']}/{'' if kind == 'model' else kind + 's/'}{name}"}
    if (kind, name) in store.repos:
        return Answer(409, json.dumps(url | {"error": "You already created this repo"}).encode())
    store.repos[kind, name] = Repo(
        kind, name, wish.get("visibility") == "private" or bool(wish.get("private"))
    )
    return url


def preupload(store: Store, call: Call, kind: str, name: str, revision: str) -> Any:
    tree = tree_of(repo_of(store, call, kind, name, write=True), revision)

    def how(path: str) -> Mapping[str, Any]:
        mode = "lfs" if path.endswith((".parquet", ".safetensors")) else "regular"
        oid = tree[path].oid if path in tree else None
        return {"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid}

    return {"files": [how(wish["path"]) for wish in json.loads(call.body)["files"]]}


def batch(store: Store, call: Call, kind: str | None, name: str) -> Any:
    repo_of(store, call, kind, name, write=True)

    def how(wish: dict[str, Any]) -> Any:
        if wish["oid"] in store.objects:
            return wish  # it is here already: nothing to do
        link = f"http://{call.headers['Host']}/lfs/{wish['oid']}"
        return wish | {"actions": {"upload": {"href": link}, "verify": {"href": f"{link}/verify"}}}

    return {"transfer": "basic", "objects": [how(wish) for wish in json.loads(call.body)["objects"]]}


def put_object(store: Store, call: Call, oid: str) -> Any:
    if hashlib.sha256(call.body).hexdigest() != oid:
        raise RefusedError(400, "another sha256")
    store.objects[oid] = call.body
    return {}


def verify(store: Store, call: Call, oid: str) -> Any:
    if len(store.objects.get(oid, b"")) != json.loads(call.body)["size"]:
        raise RefusedError(422, "another size")
    return {}


def commit(store: Store, call: Call, kind: str, name: str, revision: str) -> Any:
    repo = repo_of(store, call, kind, name, write=True)
    lines = [json.loads(line) for line in call.body.splitlines()]
    by_key: dict[str, list[Any]] = {}
    for line in lines:
        by_key.setdefault(line["key"], []).append(line["value"])
    if by_key["header"][0].get("parentCommit") not in (None, repo.head):
        raise RefusedError(412, "A commit has happened since")
    added = {one["path"]: File(base64.b64decode(one["content"])) for one in by_key.get("file", [])}
    for one in by_key.get("lfsFile", []):
        added[one["path"]] = File(store.objects[one["oid"]], large=True)
    sha = repo.commit(added, {one["path"] for one in by_key.get("deletedFile", [])})
    return {"commitUrl": f"http://{call.headers['Host']}/{name}/commit/{sha}", "commitOid": sha}
