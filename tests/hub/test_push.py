"""What is pushed is what is loaded, whatever breaks off on the way."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from clients import MAIN, WITHOUT_WAITING, Client
from server import Hub
from store import File

REPO = "lab/ds"
KEY = ("dataset", REPO)

DIGESTS = """
import hashlib, json, sys
from datasets import Image, load_dataset

def digest(row):
    row = {**row, "image": row["image"]["bytes"], "mask": row["mask"]["bytes"]}
    return hashlib.sha256(repr(row).encode()).hexdigest()

for place in sys.argv[1:]:
    for streaming in (False, True):
        rows = load_dataset(place, split="train", streaming=streaming)
        rows = rows.cast_column("image", Image(decode=False)).cast_column("mask", Image(decode=False))
        print(json.dumps([digest(row) for row in rows]))
"""


def shards(folder: Path) -> dict[str, str]:
    """The sha256 of each Parquet file -> its name."""
    files = folder.rglob("[!.]*.parquet")
    return {
        hashlib.sha256(file.read_bytes()).hexdigest(): file.name for file in files if ".run" not in file.parts
    }


def there(hub: Hub) -> dict[str, File]:
    repo = hub.store.repos[KEY]
    return dict(repo.commits[repo.head])


def test_what_was_pushed_is_loaded_with_the_same_rows_and_bytes(hub: Hub, ann: Client, dataset: Path) -> None:
    code, out, err = ann.push(dataset, REPO)
    assert (code, out) == (0, f"{hub.url}/datasets/{REPO}: 7 rows; load_dataset('{REPO}') loads them\n"), err
    expected = {f"data/train-0000{i}-of-00003.parquet" for i in range(3)} | {"README.md", "rejects.parquet"}
    assert set(there(hub)) == expected
    assert all(file.data == (dataset / path).read_bytes() for path, file in there(hub).items())

    code, out, err = ann.run(DIGESTS, str(dataset), REPO)
    assert code == 0, err
    plain, streamed, plain_of_hub, streamed_of_hub = map(json.loads, out.splitlines())
    assert plain == streamed == plain_of_hub == streamed_of_hub
    assert len(set(plain)) == 7


def test_an_upload_that_broke_off_is_finished_by_a_second_push(hub: Hub, ann: Client, dataset: Path) -> None:
    largest = max(file.stat().st_size for file in (dataset / "data").iterdir())
    hub.break_after(uploaded=largest + 5_000)  # one file and a part of another, with what was asked before
    code, _, err = ann.push(dataset, REPO, before=WITHOUT_WAITING)
    assert code == 3
    assert "cannot be reached, or broke off" in err
    assert "call again: what is uploaded stays" in err
    kept = set(hub.store.objects)
    assert len(kept) == 1
    assert there(hub) == {}

    hub.mend()
    assert ann.push(dataset, REPO)[0] == 0
    assert sorted(hub.uploads()) == sorted(set(shards(dataset)) - kept)
    assert len(there(hub)) == 5


def test_an_upload_that_was_killed_is_finished_by_a_second_push(hub: Hub, ann: Client, dataset: Path) -> None:
    largest = max(file.stat().st_size for file in (dataset / "data").iterdir())
    hub.break_after(uploaded=largest + 5_000)
    process = ann.start(MAIN, "push", "dataset", str(dataset), REPO)
    assert hub.broken.wait(30)
    process.kill()
    process.communicate()
    kept = set(hub.store.objects)
    assert (len(kept), there(hub)) == (1, {})

    hub.mend()
    assert ann.push(dataset, REPO)[0] == 0
    assert sorted(hub.uploads()) == sorted(set(shards(dataset)) - kept)


def test_after_a_break_before_the_commit_nothing_is_uploaded_twice(
    hub: Hub, ann: Client, dataset: Path, tmp_path: Path
) -> None:
    assert ann.push(dataset, "lab/other")[0] == 0
    requests = [call.path.replace("lab/other", REPO) for call in hub.log]
    assert "/commit/" in requests[-1]
    hub.store.objects.clear()
    hub.break_after(requests=len(requests) - 1)
    code, _, err = ann.push(dataset, REPO)
    assert (code, "broke off" in err) == (3, True)
    assert there(hub) == {}

    hub.mend()
    assert ann.push(dataset, REPO)[0] == 0
    assert hub.uploads() == []
    assert len(there(hub)) == 5


def test_a_second_push_of_the_same_makes_no_commit(hub: Hub, ann: Client, dataset: Path) -> None:
    assert ann.push(dataset, REPO)[0] == 0
    head = hub.store.repos[KEY].head
    hub.mend()
    assert ann.push(dataset, REPO)[0] == 0
    assert (hub.uploads(), hub.store.repos[KEY].head) == ([], head)


def test_a_large_dataset_takes_several_commits_and_the_card_comes_last(
    hub: Hub, ann: Client, dataset: Path
) -> None:
    assert ann.push(dataset, REPO, before="from bdstr import hub_repo; hub_repo.FILES_A_COMMIT = 2")[0] == 0
    commits = list(hub.store.repos[KEY].commits.values())[1:]
    assert [len(tree) for tree in commits] == [2, 4, 5]
    assert ["README.md" in tree for tree in commits] == [False, False, True]


def test_files_of_an_earlier_dataset_are_refused_or_replaced(hub: Hub, ann: Client, dataset: Path) -> None:
    assert ann.push(dataset, REPO)[0] == 0
    repo = hub.store.repos[KEY]
    repo.commit({"data/train-00000-of-00009.parquet": File(b"old", large=True)}, set())
    before = repo.head
    code, _, err = ann.push(dataset, REPO)
    assert (code, repo.head) == (3, before)
    assert "holds 1 Parquet files" in err
    assert "data/train-00000-of-00009.parquet" in err
    assert "--replace" in err

    assert ann.push(dataset, REPO, "--replace")[0] == 0
    assert len(there(hub)) == 5
    assert "data/train-00000-of-00009.parquet" not in there(hub)


def test_a_private_dataset_is_seen_by_its_owners_only(
    hub: Hub, ann: Client, dataset: Path, tmp_path: Path
) -> None:
    assert ann.push(dataset, REPO, "--private")[0] == 0
    stranger = Client(hub.url, tmp_path / "stranger", None)
    load = f"from datasets import load_dataset; print(load_dataset({REPO!r}, split='train').num_rows)"
    assert stranger.run(load)[0] == 1
    assert ann.run(load)[:2] == (0, "7\n")


def test_a_dry_run_says_what_it_would_upload_and_touches_no_network(dataset: Path, tmp_path: Path) -> None:
    nowhere = Client("http://127.0.0.1:9", tmp_path, None)
    no_network = """
import os, sys
sys.addaudithook(lambda event, _: os._exit(9) if event.startswith("socket.") else None)
"""
    assert nowhere.run(no_network + "import socket; socket.socket()")[0] == 9
    code, out, err = nowhere.push(dataset, REPO, "--dry-run", before=no_network)
    assert (code, err) == (0, "")
    *files, last = out.splitlines()
    assert [line.split()[0] for line in files] == [
        *(f"data/train-0000{i}-of-00003.parquet" for i in range(3)),
        "rejects.parquet",
        "README.md",
    ]
    assert [line.split()[2] for line in files] == ["kB"] * 5
    assert last.startswith(f"{REPO}: 5 files, ")
    assert last.endswith(", 7 rows; nothing was uploaded")


@pytest.mark.parametrize("streaming", [False, True])
def test_bdstr_load_dataset_finds_it_on_the_hub(
    hub: Hub, ann: Client, dataset: Path, streaming: bool
) -> None:
    assert ann.push(dataset, REPO)[0] == 0
    code = f"""
import bdstr
rows = bdstr.load_dataset({REPO!r}, split="train", streaming={streaming}, filters=[("key", "==", "5")])
print([row["key"] for row in rows])
"""
    assert ann.run(code)[:2] == (0, "['5']\n")
