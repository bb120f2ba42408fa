"""What models on the Hub report is taken as their authors' figures; what is hostile or wrong is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))  # the test Hub

from clients import USERS, settle_here
from server import Hub
from store import File, Repo, Store

from bdstr.errors import BoardError, HubError
from bdstr_leaderboard.board import read_board
from bdstr_leaderboard.commands.leaderboard import leaderboard
from bdstr_leaderboard.hub.claims import LONGEST, claims_of_card, claims_of_results
from bdstr_leaderboard.hub.download import LARGEST, MOST
from bdstr_leaderboard.hub.plain_yaml import read_plain
from bdstr_leaderboard.hub.tasks import tasks
from bdstr_leaderboard.standings import standings

RESULTS = ".eval_results/sodeval.yaml"
NOTES = "sodeval 0.1.0, protocol pysodmetrics, masks 3620aec0fe9c8011"
IN_SODEVAL = "sodeval pysodmetrics, masks 3620aec0"
LAUGHS = "\n".join(
    [
        "a: &a [x, x]",
        *(f"{new}: &{new} [*{old}, *{old}]" for old, new in zip("abcdef", "bcdefg", strict=True)),
    ]
)


def entry(task: str = "ecssd_mae", value: object = 0.0496, **more: object) -> dict[str, Any]:
    return {"dataset": {"id": "lab/sod", "task_id": task}, "value": value, **more}


def results(*entries: object) -> bytes:
    """JSON is YAML, too."""
    return json.dumps(entries).encode()


def card(*metrics: tuple[str, object], dataset: str = "ECSSD") -> bytes:
    found = [{"type": name.lower(), "name": name, "value": value} for name, value in metrics]
    result = {"task": {"type": "image-segmentation"}, "dataset": {"type": "x", "name": dataset}}
    index = [{"name": "net", "results": [{**result, "metrics": found}]}]
    return f"---\nlicense: mit\nmodel-index: {json.dumps(index)}\n---\n# A card\n---\n".encode()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub(Store(USERS)).running() as hub:
        settle_here(hub.url, monkeypatch)
        yield hub


def put(hub: Hub, name: str, files: dict[str, bytes]) -> None:
    repo = hub.store.repos.setdefault(("model", name), Repo("model", name, private=False))
    repo.commit({path: File(data) for path, data in files.items()}, set())


def pull(out: Path, *models: str, supervision: str = "full") -> Result:
    options = ["--supervision", supervision, "--backbone", "ResNet-50", "--out", str(out)]
    return CliRunner().invoke(leaderboard, ["pull", *models, *options])


def test_what_a_model_reports_is_on_the_board_as_its_authors_figures(hub: Hub, tmp_path: Path) -> None:
    put(hub, "lab/net", {RESULTS: results(entry(notes=NOTES), entry("ecssd_maxf", 0.9), entry("sod_s", 1))})
    done = pull(tmp_path, "lab/net")
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path / 'reported.csv'}: 3 figures\n"), done.exception
    assert done.stderr == "lab/net: 3 figures, 2 of them without protocol or masks\n"

    board = read_board(tmp_path)
    assert board.left_out == ()
    found = {(one.benchmark, one.measure): one for one in board.figures}
    assert {key: one.value for key, one in found.items()} == {
        ("ECSSD", "MAE"): 0.0496,
        ("ECSSD", "maxF"): 0.9,
        ("SOD", "S"): 1.0,
    }
    mae = found["ECSSD", "MAE"]
    assert (mae.origin, mae.convention, mae.note, mae.printed) == ("authors", IN_SODEVAL, NOTES, "ecssd_mae")
    assert found["SOD", "S"].convention == "unstated"
    assert (mae.method.name, mae.method.supervision, mae.method.backbone) == ("lab/net", "full", "ResNet-50")
    head = hub.store.repos["model", "lab/net"].head
    assert (mae.source.url, mae.source.place) == (f"{hub.url}/lab/net", f"{RESULTS} at {head[:12]}")
    assert not any(one.measured for one in board.figures)
    assert board.entry_of(mae) is None


def test_figures_of_one_protocol_and_masks_are_ranked_together_and_others_apart(
    hub: Hub, tmp_path: Path
) -> None:
    put(hub, "lab/a", {RESULTS: results(entry(value=0.04, notes=NOTES))})
    put(hub, "lab/b", {RESULTS: results(entry(value=0.03, notes=NOTES))})
    put(hub, "lab/c", {RESULTS: results(entry(value=0.01))})
    assert pull(tmp_path, "lab/a", "lab/b", "lab/c").exit_code == 0
    board = read_board(tmp_path)
    ranked = {
        column.convention: [placed.figure.method.name for placed in standings(board, column)]
        for column in board.columns
    }
    assert ranked == {IN_SODEVAL: ["lab/b", "lab/a"], f"unstated: {hub.url}/lab/c": ["lab/c"]}


def test_a_second_pull_replaces_a_model_and_leaves_the_others(hub: Hub, tmp_path: Path) -> None:
    put(hub, "lab/a", {RESULTS: results(entry(value=0.04))})
    put(hub, "lab/b", {RESULTS: results(entry(value=0.03))})
    assert pull(tmp_path, "lab/b", "lab/a", "lab/a").exit_code == 0
    before = (tmp_path / "reported.csv").read_text()
    assert pull(tmp_path, "lab/a").exit_code == 0
    assert (tmp_path / "reported.csv").read_text() == before

    put(hub, "lab/a", {RESULTS: results(entry(value=0.05))})
    assert pull(tmp_path, "lab/a", supervision="point").exit_code == 0
    found = {one.method.name: (one.value, one.method.supervision) for one in read_board(tmp_path).figures}
    assert found == {"lab/a": (0.05, "point"), "lab/b": (0.03, "full")}


def test_the_model_index_is_read_where_the_results_give_no_figure(hub: Hub, tmp_path: Path) -> None:
    readme = card(("MAE", 0.06), ("maxF_pr", 0.91), dataset="duts_test")
    put(hub, "lab/net", {"README.md": readme, RESULTS: results(entry(value=7))})
    done = pull(tmp_path, "lab/net")
    assert "left out: .eval_results/sodeval.yaml, entry 1: value: found '7'; expected 0 to 1" in done.stderr
    found = {(one.benchmark, one.measure): one for one in read_board(tmp_path).figures}
    assert {key: one.value for key, one in found.items()} == {
        ("DUTS-TE", "MAE"): 0.06,
        ("DUTS-TE", "maxF_pr"): 0.91,
    }
    assert {one.convention for one in found.values()} == {"unstated"}

    put(hub, "lab/net", {RESULTS: results(entry(value=0.07))})
    assert pull(tmp_path, "lab/net").exit_code == 0
    assert [one.value for one in read_board(tmp_path).figures] == [0.07]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (entry(value=92.3), "value: found '92.3'; expected 0 to 1"),
        (entry(value=float("nan")), "value: found 'NaN'; expected 0 to 1"),
        (entry(value=True), "value: found 'true'; expected 0 to 1"),
        (entry(value=None), "value: found null; expected a text"),
        (entry(value=[1]), "expected a text"),
        (
            entry("ecssd_maee"),
            "task 'ecssd_maee': no benchmark and measure of the board; did you mean 'ecssd_mae'?",
        ),
        (entry("gpqa_diamond"), "task 'gpqa_diamond': no benchmark and measure of the board; known are"),
        (entry(notes="x" * (LONGEST + 1)), "notes: found 301 characters; expected at most 300"),
        (entry(measured=True), "unknown field 'measured'; expected some of dataset, date"),
        (entry(source={"url": "https://x", "proof": "y"}), "unknown field 'proof'; expected some of name"),
        (entry(source="a page"), 'it: source: found "a page"; expected an object'),
        ({"value": 0.5}, "dataset: found nothing"),
        ({"dataset": {"task_id": "ecssd_mae"}, "value": 0.5}, "id: found nothing"),
        ("ecssd_mae: 0.5", "expected an object"),
        (None, "expected an object"),
        (entry(value=0.03), "ECSSD MAE stands further up, too; expected it once"),
    ],
)
def test_an_entry_that_is_wrong_is_left_out_and_the_others_stay(wrong: object, reason: str) -> None:
    claims, left_out = claims_of_results(results(entry(), wrong, entry("sod_mae")), "file")
    assert [claim.printed for claim in claims] == ["ecssd_mae", "sod_mae"]
    assert [one.place for one in left_out] == ["file, entry 2"]
    assert reason in left_out[0].reason


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (
            "!!python/object/apply:os.system ['exit 1']",
            "apply:os.system; expected plain values",
        ),
        ("- !<tag:yaml.org,2002:python/name:os.system> x", "a tag, tag:yaml.org,2002:python/name:os.system"),
        (LAUGHS, "an alias, *a; expected values written out"),
        ("- &a [*a]", "an alias, *a"),
        ("[" * 99_000, "nested more than 12 deep"),
        ("{a: " * 20_000, "nested more than 12 deep"),
        ("- " * 45_000, "nested more than 12 deep"),
        (r'- "\UFFFFFFFF"', "no YAML"),
        ("%YAML " + "1" * 5_000 + ".1\n--- a", "no YAML"),
        ("- dataset: {id: a, id: b}", "id twice in one place; expected it once"),
        ("? [a, b]\n: c", "a key that is no text"),
        ("- a\n--- \n- b", "several documents; expected one"),
        ("- 'open", "no YAML"),
        ("\x00", "no YAML"),
        ("a: b", "expected a list"),
        ("", "found None; expected a list"),
        ("- " + "x" * 100_000, "100,002 characters; expected at most 100,000"),
        (b"\xff\xfe\x00", "no UTF-8"),
    ],
)
def test_hostile_yaml_is_refused_with_the_reason(hostile: str | bytes, reason: str) -> None:
    data = hostile if isinstance(hostile, bytes) else hostile.encode()
    claims, left_out = claims_of_results(data, "file")
    assert (claims, [one.place for one in left_out]) == ([], ["file"])
    assert reason in left_out[0].reason
    assert len(left_out[0].reason) < LONGEST + 10


def test_a_number_is_what_was_written_and_never_grows() -> None:
    assert read_plain("- 1:30:00\n- 0x10\n- 1e999\n- 2026-13-45\n- ~") == [
        "1:30:00",
        "0x10",
        "1e999",
        "2026-13-45",
        None,
    ]
    for value in ("9" * 90_000, ".inf", "1:30", "0x0", "-0.1", "1.0000001"):
        claims, left_out = claims_of_results(
            f"- {{dataset: {{id: a, task_id: sod_s}}, value: {value}}}".encode(), "f"
        )
        assert (claims, len(left_out)) == ([], 1)
        assert left_out[0].reason.startswith("value: found")


@settings(max_examples=40)
@given(st.text(max_size=60))
@example("---\n...")
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BoardError):
        read_plain(text)
    assert claims_of_results(text.encode(errors="replace"), "file")[0] == []
    claims_of_card(f"---\n{text}\n---\n".encode(errors="replace"), "file")


@settings(max_examples=40)
@given(st.sampled_from(sorted(tasks())), st.floats(0, 1))
def test_every_task_and_value_comes_back_as_it_was(task: str, value: float) -> None:
    (claim,), left_out = claims_of_results(results(entry(task, value)), "file")
    assert ((claim.benchmark, claim.measure), claim.value, left_out) == (tasks()[task], value, [])


@pytest.mark.parametrize(
    ("notes", "convention"),
    [
        (NOTES, IN_SODEVAL),
        ("sodeval 0.1.0, protocol psod, masks 3620aec0fe9c8011", "sodeval psod, masks 3620aec0"),
        ("sodeval 0.1.0, protocol pysodmetrics with f_beta2, masks 3620aec0fe9c8011", "unstated"),
        ("sodeval 0.1.0, protocol pysodmetrics, masks unknown", "unstated"),
        (f"{NOTES}, and more", "unstated"),
        ("measured", "unstated"),
        (None, "unstated"),
    ],
)
def test_a_convention_is_taken_only_where_protocol_and_masks_are_told(
    notes: str | None, convention: str
) -> None:
    (claim,), _ = claims_of_results(results(entry(notes=notes)), "file")
    assert (claim.convention, claim.note) == (convention, notes or "")


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (card(("MAE", 0.5), dataset="imagenet"), "dataset 'imagenet': no benchmark that sodeval knows"),
        (card(("accuracy", 0.5)), "task 'ecssd_accuracy': no benchmark and measure"),
        (card(("MAE", "high")), "value: found 'high'; expected 0 to 1"),
        (b"---\nmodel-index: 5\n---\n", "found 5; expected a list"),
        (b"---\nmodel-index: [x]\n---\n", 'model-index: found "x"; expected an object'),
        (b"---\nmodel-index: &a [*a]\n---\n", "an alias"),
    ],
)
def test_a_model_index_that_is_wrong_is_told(hostile: bytes, reason: str) -> None:
    claims, (left_out,) = claims_of_card(hostile, "README.md")
    assert claims == []
    assert reason in left_out.reason


@pytest.mark.parametrize(
    "plain", [b"", b"# A card", b"---\nlicense: mit\n---\n", b"---\n---\n", b"---\nlicense"]
)
def test_a_card_without_a_model_index_claims_nothing(plain: bytes) -> None:
    assert claims_of_card(plain, "README.md") == ([], [])


def test_files_that_are_too_large_or_too_many_are_not_fetched(hub: Hub, tmp_path: Path) -> None:
    many = {f".eval_results/{number:02}.yaml": results(entry(value=0.5)) for number in range(MOST + 1)}
    put(hub, "lab/net", {**many, ".eval_results/00.yaml": b" " * (LARGEST + 1), ".eval_results/x.txt": b""})
    done = pull(tmp_path, "lab/net")
    assert "left out: .eval_results/00.yaml: 1,000,001 bytes; expected at most 1,000,000" in done.stderr
    assert "left out: .eval_results/20.yaml: one of 21 files; expected at most 20" in done.stderr
    fetched = {call.path.split("/")[-1] for call in hub.log if "/resolve/" in call.path}
    assert fetched == {f"{number:02}.yaml" for number in range(1, MOST)}
    assert len(read_board(tmp_path).figures) == MOST - 1


def test_a_model_that_reports_nothing_is_told_and_nothing_is_written(hub: Hub, tmp_path: Path) -> None:
    put(hub, "lab/net", {"README.md": b"# A card"})
    done = pull(tmp_path, "lab/net")
    assert isinstance(done.exception, BoardError)
    assert str(done.exception) == "lab/net: no figure that the board can take; nothing was written"
    assert "reports nothing; expected .eval_results/*.yaml or model-index" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_not_there_or_a_hub_that_is_down_is_told(hub: Hub, tmp_path: Path) -> None:
    done = pull(tmp_path, "lab/none")
    assert isinstance(done.exception, HubError)
    assert "lab/none cannot be read (Repository not found); expected a public repository" in str(
        done.exception
    )
    put(hub, "lab/net", {RESULTS: results(entry())})
    hub.break_after(requests=2)
    done = pull(tmp_path, "lab/net")
    assert isinstance(done.exception, HubError)
    assert "call again: nothing was changed" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_table_cannot_claim_what_only_an_entry_proves(hub: Hub, tmp_path: Path) -> None:
    put(hub, "lab/net", {RESULTS: results(entry(notes=NOTES))})
    assert pull(tmp_path, "lab/net").exit_code == 0
    table = tmp_path / "reported.csv"
    table.write_text(table.read_text().replace(",authors,", ",measured,"))
    board = read_board(tmp_path)
    assert board.figures == ()
    (left_out,) = board.left_out
    assert (left_out.place, "expected an entry, which holds the proof" in left_out.reason) == (
        "reported.csv, line 2",
        True,
    )


def test_a_name_that_is_markup_or_a_formula_stays_text(hub: Hub, tmp_path: Path) -> None:
    notes = '=cmd|"x"!A1, <script>alert(1)</script>\n"quoted", \u202e'
    put(hub, "lab/net", {RESULTS: results(entry(notes=notes))})
    assert pull(tmp_path, "lab/net").exit_code == 0
    (figure,) = read_board(tmp_path).figures
    assert figure.note == '=cmd|"x"!A1, <script>alert(1)</script> "quoted",'
