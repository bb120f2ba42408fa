"""What cannot be pushed is refused before or on the way, with what was found and what to do."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from clients import READER, WITHOUT_WAITING, Client
from huggingface_hub.errors import OfflineModeIsEnabled
from server import Hub
from store import Repo

from bdstr.errors import DatasetError, HubError, UsageError
from bdstr.hub import plan_upload
from bdstr.hub_errors import told

REPO = "lab/ds"
SECOND = "data/train-00001-of-00003.parquet"


def lose_rows(folder: Path) -> None:
    table = pq.read_table(folder / SECOND)
    pq.write_table(table.slice(1), folder / SECOND)


def mix_runs(folder: Path) -> None:
    shutil.copy(folder / SECOND, folder / "data" / "train-00001-of-00004.parquet")


def truncate(folder: Path) -> None:
    data = (folder / SECOND).read_bytes()
    (folder / SECOND).write_bytes(data[: len(data) // 2])


def say_nothing_of_rows(folder: Path) -> None:
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")


def break_the_yaml(folder: Path) -> None:
    (folder / "README.md").write_text("---\nbdstr: {rows: [\n---\n")


def add_a_stray(folder: Path) -> None:
    shutil.copy(folder / SECOND, folder / "data" / "more.parquet")


def empty(folder: Path) -> None:
    shutil.rmtree(folder / "data")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda folder: (folder / "README.md").unlink(),
            "holds no README.md; expected one, which is written",
        ),
        (lambda folder: (folder / SECOND).unlink(), "holds 2 of 3 files of train, not train-00001-of-00003"),
        (lose_rows, "7 rows of train, says README.md, and 6 rows of train are in data/; expected the same"),
        (mix_runs, r"files of several runs \(train, of 00003 and of 00004\)"),
        (truncate, "train-00001-of-00003.parquet is damaged"),
        (say_nothing_of_rows, "README.md does not say how many rows there are"),
        (break_the_yaml, "README.md does not say how many rows there are"),
        (add_a_stray, "more.parquet is no file of a dataset; expected e.g. train-00000-of-00003.parquet"),
        (empty, r"holds no data/\*.parquet"),
    ],
)
def test_an_unfinished_or_damaged_dataset_is_refused(
    dataset: Path, tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    folder = shutil.copytree(dataset, tmp_path / "ds")
    assert plan_upload(folder, REPO).rows == 7
    spoil(folder)
    with pytest.raises(DatasetError, match=message):
        plan_upload(folder, REPO)


def test_what_a_killed_run_left_aside_is_no_part_of_the_dataset(dataset: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(dataset, tmp_path / "ds")
    (folder / "data" / ".train-00000-of-00003.parquet.1f.tmp").write_bytes(b"half")
    assert plan_upload(folder, REPO).paths == plan_upload(dataset, REPO).paths


@pytest.mark.parametrize("repo", ["ds", "lab/ds/more", "lab/", "lab/a b", "lab/--ds"])
def test_a_name_without_an_owner_or_with_odd_characters_is_refused(dataset: Path, repo: str) -> None:
    with pytest.raises(UsageError, match="xpected ORG/NAME"):
        plan_upload(dataset, repo)


def test_without_a_token_it_says_where_one_is_looked_for(hub: Hub, dataset: Path, tmp_path: Path) -> None:
    code, _, err = Client(hub.url, tmp_path, None).push(dataset, REPO)
    assert (code, hub.log) == (3, [])
    assert "no token for the Hub; expected one in HF_TOKEN, or call `hf auth login`" in err


def test_a_wrong_token_is_refused_and_not_shown(hub: Hub, dataset: Path, tmp_path: Path) -> None:
    code, out, err = Client(hub.url, tmp_path, "hf_wrongWrongWrong").push(dataset, REPO)
    assert (code, hub.store.repos) == (3, {})
    assert f"{hub.url} does not accept the token" in err
    assert "hf_wrong" not in out + err


def test_without_the_right_to_write_nothing_is_uploaded(hub: Hub, dataset: Path, tmp_path: Path) -> None:
    bob = Client(hub.url, tmp_path, READER)
    code, _, err = bob.push(dataset, REPO)
    assert (code, hub.store.repos) == (3, {})
    assert f"no permission to write to {REPO}" in err
    hub.store.repos["dataset", REPO] = Repo("dataset", REPO, private=False)
    code, _, err = bob.push(dataset, REPO)
    assert (code, hub.store.objects) == (3, {})
    assert f"no permission to write to {REPO}" in err


@pytest.mark.parametrize("kind", ["model", "space"])
def test_a_name_that_another_kind_of_repository_has_is_refused(
    hub: Hub, ann: Client, dataset: Path, kind: str
) -> None:
    hub.store.repos[kind, REPO] = Repo(kind, REPO, private=False)
    code, _, err = ann.push(dataset, REPO)
    assert (code, list(hub.store.repos)) == (3, [(kind, REPO)])
    assert f"{REPO} is a {kind} already; expected a dataset" in err


def test_a_public_repository_is_not_taken_for_a_private_one(hub: Hub, ann: Client, dataset: Path) -> None:
    hub.store.repos["dataset", REPO] = Repo("dataset", REPO, private=False)
    code, _, err = ann.push(dataset, REPO, "--private")
    assert (code, hub.store.objects) == (3, {})
    assert f"{REPO} is there and public; expected a private one" in err


def test_a_network_that_is_down_is_told(dataset: Path, tmp_path: Path) -> None:
    nowhere = Client("http://127.0.0.1:9", tmp_path)
    code, _, err = nowhere.push(dataset, REPO, before=WITHOUT_WAITING)
    assert code == 3
    assert "Error: http://127.0.0.1:9 cannot be reached, or broke off" in err
    assert "Traceback" not in err


def test_an_unfinished_dataset_is_refused_before_any_request(
    hub: Hub, ann: Client, dataset: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(dataset, tmp_path / "ds")
    (folder / SECOND).unlink()
    code, _, err = ann.push(folder, REPO)
    assert (code, hub.log) == (3, [])
    assert "the dataset is not finished, run what makes it again" in err


def test_a_token_that_the_hub_repeats_is_not_shown() -> None:
    with pytest.raises(HubError) as caught, told(REPO, "http://hub", "hf_secret"):
        raise ValueError("bad header: Bearer hf_secret")
    assert str(caught.value) == f"http://hub did not take {REPO}: bad header: Bearer ***"
    assert caught.value.__suppress_context__


def test_an_error_of_our_own_is_not_taken_for_the_hubs() -> None:
    with pytest.raises(ZeroDivisionError), told(REPO, "http://hub", "hf_secret"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            ConnectionResetError("reset by peer"),
            "broke off (reset by peer); check the network and call again",
        ),
        (RuntimeError("shard upload failed"), "broke off (shard upload failed); check the network"),
        (OfflineModeIsEnabled("offline"), "HF_HUB_OFFLINE is set"),
        (FileNotFoundError(2, "No such file", "ds/README.md"), "ds/README.md: No such file; expected a file"),
    ],
)
def test_what_breaks_in_the_client_is_told(error: Exception, message: str) -> None:
    with pytest.raises(HubError, match=re.escape(message)), told(REPO, "http://hub", "hf_secret"):
        raise RuntimeError("Error while uploading 'ds'") from error
