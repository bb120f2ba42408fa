"""The test Hub against the real client: what it says is what huggingface_hub understands."""

from __future__ import annotations

import json
from pathlib import Path

from clients import WITHOUT_WAITING, Client
from server import Hub
from store import File, Repo

DATA = bytes(range(256)) * 40

TALK = """
import json, sys
from pathlib import Path
from huggingface_hub import HfApi, HfFileSystem, hf_hub_download, snapshot_download
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RevisionNotFoundError

api, repo, data = HfApi(), "lab/model", bytes(range(256)) * 40
found = {"whoami": api.whoami()["name"]}
api.create_repo(repo)
api.create_repo(repo, exist_ok=True)
folder = Path(sys.argv[1])
(folder / "weights").mkdir(parents=True)
(folder / "weights" / "a.parquet").write_bytes(data)  # large by its name
(folder / "config.json").write_text("{}")
found["commit"] = api.upload_folder(repo_id=repo, folder_path=folder).oid
found["sha"] = api.repo_info(repo).sha
found["tree"] = [entry.path for entry in api.list_repo_tree(repo)]
found["files"] = sorted(api.list_repo_files(repo))
info = api.get_paths_info(repo, ["weights/a.parquet", "config.json", "nothing"])
found["info"] = {one.path: [one.size, one.lfs is not None] for one in info}
found["download"] = Path(hf_hub_download(repo, "weights/a.parquet")).read_bytes() == data
root = Path(snapshot_download(repo))
found["snapshot"] = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
with HfFileSystem().open(f"{repo}/weights/a.parquet") as file:
    file.seek(1000)
    found["range"] = file.read(500) == data[1000:1500]
for name, call in {
    "no file": lambda: hf_hub_download(repo, "nothing"),
    "no revision": lambda: hf_hub_download(repo, "config.json", revision="nothing"),
    "no right": lambda: api.create_repo("bob/model"),
    "stale": lambda: api.upload_file(
        path_or_fileobj=b"x", path_in_repo="x", repo_id=repo, parent_commit="0" * 40
    ),
}.items():
    try:
        call()
    except (EntryNotFoundError, RevisionNotFoundError, HfHubHTTPError) as error:
        found[name] = [type(error).__name__, error.response.status_code]
print(json.dumps(found))
"""


def test_the_real_client_understands_the_test_hub(hub: Hub, ann: Client, tmp_path: Path) -> None:
    code, out, err = ann.run(TALK, str(tmp_path / "model"))
    assert code == 0, err
    head = hub.store.repos["model", "lab/model"].head
    assert json.loads(out) == {
        "whoami": "ann",
        "commit": head,
        "sha": head,
        "tree": ["config.json", "weights"],
        "files": ["config.json", "weights/a.parquet"],
        "info": {"weights/a.parquet": [len(DATA), True], "config.json": [2, False]},
        "download": True,
        "snapshot": ["config.json", "weights/a.parquet"],
        "range": True,
        "no file": ["RemoteEntryNotFoundError", 404],
        "no revision": ["RevisionNotFoundError", 404],
        "no right": ["HfHubHTTPError", 403],
        "stale": ["HfHubHTTPError", 412],
    }
    ranges = [call for call in hub.log if "Range" in call.headers]
    assert ranges


def test_a_broken_hub_answers_nothing_until_it_is_mended(hub: Hub, ann: Client) -> None:
    hub.store.repos["model", "lab/m"] = Repo("model", "lab/m", False)
    hub.store.repos["model", "lab/m"].commit({"a": File(b"1")}, set())
    ask = "from huggingface_hub import HfApi; print(HfApi().list_repo_files('lab/m'))"
    hub.break_after(requests=0)
    code, _, err = ann.run(f"{WITHOUT_WAITING}\n{ask}")
    assert (code, "RemoteProtocolError" in err, hub.log) == (1, True, [])
    hub.mend()
    assert ann.run(ask)[:2] == (0, "['a']\n")
