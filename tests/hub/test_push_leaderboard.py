"""The leaderboard on the Hub is the board here: its pages, its figures, its benchmarks."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from clients import READER, settle_here
from datasets import disable_progress_bars, load_dataset
from huggingface_hub import DatasetCard, RepoCard
from server import Hub
from store import File, Repo

from bdstr.commands.push import push
from bdstr.errors import HubError, UsageError
from bdstr.scored import task_id
from bdstr_leaderboard.board import Board, packaged, read_board
from bdstr_leaderboard.hub.tables import figure_row
from bdstr_leaderboard.hub.tasks import tasks
from bdstr_leaderboard.hub.upload import RepoUpload, names_of, plan_board_upload, push_repo
from sodeval.benchmarks import all_benchmarks
from sodeval.measures import FAMILIES, STANDARD

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content")  # httpx, of how huggingface_hub calls it

NAMES = names_of("lab/sod")
PAGES = {"index.html": b"<p>start</p>", "methods/a.html": b"<p>A</p>", "static/board.js": b"1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board of some published figures and a measured method."""
    folder = tmp_path_factory.mktemp("board")
    (folder / "entries").mkdir()
    lines = (packaged() / "published.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "published.csv").write_text("".join(lines[:60]), "utf-8")
    shutil.copy(packaged() / "sources.csv", folder)
    shutil.copy(packaged() / "entries" / "amulet--sod.json", folder / "entries")
    return folder


@pytest.fixture(scope="module")
def board(folder: Path) -> Board:
    return read_board(folder)


@pytest.fixture(scope="module")
def planned(board: Board) -> tuple[RepoUpload, RepoUpload, RepoUpload]:
    return plan_board_upload(board, PAGES, NAMES)


def push_all(planned: Iterable[RepoUpload]) -> list[str]:
    return [push_repo(upload) for upload in planned]


def there(hub: Hub, kind: str, name: str) -> Mapping[str, File]:
    repo = hub.store.repos[kind, name]
    return repo.commits[repo.head]


def everywhere(hub: Hub) -> dict[tuple[str, str], dict[str, bytes]]:
    return {key: {path: file.data for path, file in there(hub, *key).items()} for key in hub.store.repos}


def test_three_repositories_hold_what_was_planned(
    hub_here: Hub, planned: tuple[RepoUpload, ...], board: Board
) -> None:
    assert push_all(planned) == [
        f"{hub_here.url}/datasets/lab/sod-results",
        f"{hub_here.url}/datasets/lab/sod-benchmarks",
        f"{hub_here.url}/spaces/lab/sod",
    ]
    assert everywhere(hub_here) == {(one.kind, one.repo): dict(one.files) for one in planned}

    space = there(hub_here, "space", "lab/sod")
    assert {path: space[path].data for path in PAGES} == PAGES
    card = RepoCard(space["README.md"].data.decode())
    said = card.data.to_dict()
    assert (said["sdk"], said["app_file"], said["license"]) == ("static", "index.html", "mit")
    assert said["title"] == "Salient object detection leaderboard"
    assert said["datasets"] == ["lab/sod-results", "lab/sod-benchmarks"]
    assert f"{len(board.figures)} figures of {len(board.methods)} methods" in card.text


def test_each_measure_on_each_benchmark_is_a_task_of_a_split_that_is_there(
    hub_here: Hub, planned: tuple[RepoUpload, ...]
) -> None:
    push_repo(planned[1])
    files = there(hub_here, "dataset", "lab/sod-benchmarks")
    found = yaml.safe_load(files["eval.yaml"].data)
    expected = [task_id(one.name, measure) for one in all_benchmarks() for measure in STANDARD]
    assert [task["id"] for task in found["tasks"]] == expected
    (config,) = DatasetCard(files["README.md"].data.decode()).data.configs
    places = {(task["config"], task["split"]) for task in found["tasks"]}
    assert places == {(config["config_name"], config["data_files"][0]["split"])}
    assert config["data_files"][0]["path"] in files


def test_every_task_means_one_benchmark_and_one_measure() -> None:
    assert all(task_id(*meant) == task for task, meant in tasks().items())
    assert len(tasks()) == len(all_benchmarks()) * (len(STANDARD) + 3 * len(FAMILIES))


@pytest.fixture
def datasets_here(hub_here: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`datasets` of this process loads from the Hub of this process, and stores with the test."""
    disable_progress_bars()
    monkeypatch.setattr("datasets.config.HF_ENDPOINT", hub_here.url)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "datasets")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.mark.usefixtures("datasets_here")
def test_load_dataset_gives_the_figures_and_the_benchmarks(
    planned: tuple[RepoUpload, ...], board: Board
) -> None:
    push_all(planned[:2])
    figures = load_dataset(NAMES.results, split="train").to_list()
    assert figures == [figure_row(figure) for figure in board.figures]
    some = load_dataset(NAMES.results, split="train", filters=[("benchmark", "==", "SOD")])
    assert some.num_rows == sum(figure.benchmark == "SOD" for figure in board.figures) > 0
    benchmarks = load_dataset(NAMES.benchmarks, split="test").to_list()
    assert {row["origin"] for row in figures} >= {"measured", "others"}
    assert all((row["low"] is None) == (row["high"] is None) for row in figures)
    assert {(row["name"], row["images"]) for row in benchmarks} == {
        (one.name, one.images) for one in all_benchmarks()
    }


def test_a_row_is_the_line_that_it_was_read_from(folder: Path, board: Board) -> None:
    with (folder / "published.csv").open(encoding="utf-8", newline="") as table:
        lines = list(csv.DictReader(table))
    rows = [figure_row(figure) for figure in board.figures]
    for line, row in zip(lines, rows, strict=False):
        as_text = {name: "" if row[name] is None else str(row[name]) for name in line}
        assert as_text == line | {"value": str(float(line["value"]))}
        assert (row["low"], row["high"], row["parameters"]) == (None, None, None)
    mae = next(row for row in rows if (row["method"], row["measure"]) == ("Amulet", "MAE"))
    assert 0 < mae["low"] < mae["value"] < mae["high"] < 1
    assert all(round(mae[name], 3) == mae[name] for name in ("low", "value", "high"))
    assert not mae["checked"]
    assert mae["source_place"] == "entries/amulet--sod.json"


def test_equal_boards_give_equal_bytes(folder: Path, planned: tuple[RepoUpload, ...]) -> None:
    assert plan_board_upload(read_board(folder), PAGES, NAMES) == planned


@pytest.mark.parametrize("requests", [2, 6, 9, 14])
def test_an_upload_that_broke_off_is_finished_by_a_second_push(
    hub_here: Hub, planned: tuple[RepoUpload, ...], requests: int
) -> None:
    hub_here.break_after(requests=requests)
    with pytest.raises(HubError, match="call again: what is uploaded stays"):
        push_all(planned)
    kept = set(hub_here.store.objects)
    hub_here.mend()
    push_all(planned)
    assert not kept & set(hub_here.uploads())
    assert everywhere(hub_here) == {(one.kind, one.repo): dict(one.files) for one in planned}


def test_a_second_push_of_the_same_makes_no_commit(hub_here: Hub, planned: tuple[RepoUpload, ...]) -> None:
    push_all(planned)
    heads = {key: repo.head for key, repo in hub_here.store.repos.items()}
    hub_here.mend()
    push_all(planned)
    assert hub_here.uploads() == []
    assert {key: repo.head for key, repo in hub_here.store.repos.items()} == heads


def test_many_pages_take_several_commits_and_the_start_comes_last(hub_here: Hub, board: Board) -> None:
    pages = PAGES | {f"methods/{number}.html": b"%d" % number for number in range(130)}
    push_repo(plan_board_upload(board, pages, NAMES)[2])
    commits = list(hub_here.store.repos["space", "lab/sod"].commits.values())[1:]
    assert [len(tree) for tree in commits] == [100, 134]
    assert ["index.html" in tree for tree in commits] == [False, True]


def test_a_space_of_others_is_refused_or_replaced(hub_here: Hub, planned: tuple[RepoUpload, ...]) -> None:
    repo = hub_here.store.repos["space", "lab/sod"] = Repo("space", "lab/sod", private=False)
    repo.commit({"app.py": File(b"theirs"), ".gitattributes": File(b"")}, set())
    before = repo.head
    with pytest.raises(
        HubError, match=r"lab/sod holds 1 files that are none of .*, e\.g\. app\.py: --replace"
    ):
        push_repo(planned[2])
    assert repo.head == before
    push_repo(planned[2], replace=True)
    assert set(there(hub_here, "space", "lab/sod")) == {*planned[2].files, ".gitattributes"}


@pytest.mark.parametrize("replace", [False, True])
def test_of_a_benchmark_dataset_that_holds_more_only_the_tasks_are_written(
    hub_here: Hub, planned: tuple[RepoUpload, ...], replace: bool
) -> None:
    repo = hub_here.store.repos["dataset", NAMES.benchmarks] = Repo(
        "dataset", NAMES.benchmarks, private=False
    )
    theirs = {"README.md": File(b"theirs"), "data/test-00000-of-00001.parquet": File(b"theirs", large=True)}
    repo.commit(theirs, set())
    push_repo(planned[1], replace=replace)
    found = there(hub_here, "dataset", NAMES.benchmarks)
    assert {path: found[path] for path in theirs} == theirs
    assert set(found) - set(theirs) == {"eval.yaml"}


def test_without_the_right_to_write_nothing_is_uploaded(
    hub: Hub, planned: tuple[RepoUpload, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_here(hub.url, monkeypatch, READER)
    with pytest.raises(HubError, match="no permission to write to lab/sod-results"):
        push_repo(planned[0])
    assert hub.store.repos == {}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("sod",), "names no owner"),
        (("lab/sod", "lab/sod"), "are not three repositories"),
        (("lab/sod", None, "lab/sod-results"), "are not three repositories"),
        (("lab/" + "s" * 90,), "xpected ORG/NAME"),
        (("lab/sod", "lab/a b"), "xpected ORG/NAME"),
    ],
)
def test_names_that_make_no_three_repositories_are_refused(wanted: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        names_of(*wanted)


def test_a_dry_run_says_the_files_and_touches_no_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("bdstr_leaderboard.site.build")
    monkeypatch.setattr("socket.socket", None)
    options = ["--data", str(folder), "--benchmarks", "lab/gt", "--dry-run"]
    result = CliRunner().invoke(push, ["leaderboard", "lab/sod", *options])
    assert (result.exit_code, result.stderr) == (0, ""), result.exception
    lines = result.stdout.splitlines()
    sums = [line.split(": ")[0] for line in lines if line.endswith("nothing was uploaded")]
    assert sums == ["lab/sod-results", "lab/gt", "lab/sod"]
    assert {"figures.parquet", "eval.yaml", "index.html"} <= {line.split()[0] for line in lines}
