"""How the test Hub answers: which function takes which request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import downloads
import uploads
from calls import Answer, Call, RefusedError
from store import Store

REPO = r"/api/(?P<kind>model|dataset|space)s/(?P<name>[^/]+/[^/]+)"
FILE = r"/(?:(?P<kind>dataset|space)s/)?(?P<name>[^/]+/[^/]+)"
AT = "/(?P<revision>[^/]+)"

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/api/whoami-v2", uploads.whoami),
    ("POST", "/api/validate-yaml", uploads.validate_yaml),
    ("POST", "/api/repos/create", uploads.create),
    ("GET", REPO, downloads.info),
    ("GET", REPO + "/revision" + AT, downloads.info),
    ("POST", REPO + "/preupload" + AT, uploads.preupload),
    ("POST", REPO + "/commit" + AT, uploads.commit),
    ("POST", REPO + "/paths-info" + AT, downloads.paths_info),
    ("GET", REPO + "/tree" + AT + "(?:/(?P<below>.+))?", downloads.tree),
    ("GET", REPO + "/refs", downloads.refs),
    ("POST", FILE + r"\.git/info/lfs/objects/batch", uploads.batch),
    ("PUT", "/lfs/(?P<oid>[0-9a-f]{64})", uploads.put_object),
    ("POST", "/lfs/(?P<oid>[0-9a-f]{64})/verify", uploads.verify),
    ("GET HEAD", FILE + "/resolve" + AT + "/(?P<path>.+)", downloads.resolve),
)
"""What is answered; the rest is 404."""


def answer(store: Store, call: Call) -> Answer:
    """The answer to any request."""
    try:
        for methods, pattern, function in ROUTES:
            match = re.fullmatch(pattern, call.path)
            if match and call.method in methods.split():
                found = function(store, call, **match.groupdict())
                return found if isinstance(found, Answer) else Answer(200, json.dumps(found).encode())
        raise RefusedError(404, f"{call.method} {call.path} is not known here", "EntryNotFound")
    except RefusedError as error:
        headers = {"X-Error-Message": str(error)} | ({"X-Error-Code": error.code} if error.code else {})
        return Answer(error.status, json.dumps({"error": str(error)}).encode(), headers)
