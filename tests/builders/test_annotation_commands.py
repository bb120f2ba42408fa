"""`bdstr annotations` and the options of `bdstr annotate`, as a person calls them."""

from __future__ import annotations

import csv
import socket
from pathlib import Path

import photographs
import pytest
from click.testing import CliRunner, Result

from bdstr import cli
from bdstr_builders.annotate.answers import Answer
from bdstr_builders.annotate.store import read_answers
from bdstr_builders.stages.annotations import read_annotations
from sodeval.errors import ToldError


def call(*words: object) -> Result:
    return CliRunner().invoke(cli.cli, [str(word) for word in words])


def told(result: Result, exit_code: int = 3) -> str:
    """What a refusal says."""
    assert isinstance(result.exception, ToldError)
    assert result.exception.exit_code == exit_code
    return str(result.exception)


def write(path: Path, *answers: Answer) -> Path:
    path.write_text("".join(answer.to_line() + "\n" for answer in answers))
    return path


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    ada = [Answer("a", "a dog", who="Ada", time="1"), Answer("b", "a cat", who="Ada", time="1")]
    ben = [Answer("b", "two cats", who="Ben", time="2"), Answer("c", status="skipped", who="Ben", time="2")]
    return write(tmp_path / "ada.jsonl", *ada), write(tmp_path / "ben.jsonl", *ben)


def test_merging_tells_the_conflicts_and_what_is_there(two: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "texts.jsonl"
    result = call("annotations", "merge", *two, "--out", out)
    assert result.output.splitlines() == [
        "b: kept 'two cats' of Ben, not 'a cat' of Ada",
        f"{out}: 2 texts, 1 skipped, 1 conflict",
    ]
    assert {key: entry["text"] for key, entry in read_annotations(out).items()} == {
        "a": "a dog",
        "b": "two cats",
        "c": "",
    }
    assert "is there already" in told(call("annotations", "merge", *two, "--out", out))


@pytest.mark.parametrize("who", ["", "Ada"])
def test_where_names_do_not_tell_two_people_apart_their_files_do(tmp_path: Path, who: str) -> None:
    for folder, texts in (("x", ("a", "b")), ("y", ("c", "b")), ("z", ("a", "d"))):
        (tmp_path / folder).mkdir()
        answers = [Answer(key, text, who=who) for key, text in zip(("0001", "0002"), texts, strict=True)]
        write(tmp_path / folder / "texts.jsonl", *answers)
    x, y, z = (tmp_path / folder / "texts.jsonl" for folder in "xyz")
    result = call("annotations", "merge", x, y, z, "--out", tmp_path / "out.jsonl")
    assert result.output.splitlines() == [
        f"0001: kept 'c' of {y}, not 'a' of {x} and {z}",
        f"0002: kept 'd' of {z}, not 'b' of {x} and {y}",
        f"{tmp_path / 'out.jsonl'}: 2 texts, 0 skipped, 2 conflicts",
    ]


def test_of_two_answers_only_the_one_without_a_name_is_told_by_its_file(tmp_path: Path) -> None:
    x = write(tmp_path / "x.jsonl", Answer("0001", "a", who="Ada"))
    y = write(tmp_path / "y.jsonl", Answer("0001", "b", time="1"))
    result = call("annotations", "merge", x, y, "--out", tmp_path / "out.jsonl")
    assert result.output.splitlines()[0] == f"0001: kept 'b' of {y}, not 'a' of Ada"


def test_merging_leaves_a_torn_last_line_out_and_says_so(two: tuple[Path, Path], tmp_path: Path) -> None:
    with two[0].open("a") as file:
        file.write('{"key": "d", "te')
    result = call("annotations", "merge", *two, "--out", tmp_path / "texts.jsonl")
    assert "ada.jsonl: its last answer is torn, 16 bytes" in result.stderr
    assert len(read_answers(tmp_path / "texts.jsonl").answers) == 4


def test_a_table_there_and_back_gives_the_same_texts(two: tuple[Path, Path], tmp_path: Path) -> None:
    table, out = tmp_path / "texts.csv", tmp_path / "back.jsonl"
    assert call("annotations", "export", two[1], "--format", "csv", "--out", table).exit_code == 0
    with table.open(newline="") as file:
        assert [(row["key"], row["status"]) for row in csv.DictReader(file)] == [
            ("b", "done"),
            ("c", "skipped"),
        ]
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())  # as spreadsheets write it
    assert (
        call("annotations", "import", table, "--out", out).output
        == f"{out}: 1 text, 1 skipped, 2 of them new\n"
    )
    assert read_answers(out).answers == read_answers(two[1]).answers


def test_export_goes_to_standard_output_with_the_whole_history_on_request(tmp_path: Path) -> None:
    file = write(tmp_path / "texts.jsonl", Answer("a", "ein Hünd"), Answer("a", "ein Hund"))
    assert call("annotations", "export", file).output.splitlines()[1:] == ["a,ein Hund,done,,,true,,,,false"]
    assert len(call("annotations", "export", file, "--history").output.splitlines()) == 3


def test_import_adds_to_what_is_there(two: tuple[Path, Path], tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("key,text\na,the dog\n")
    call("annotations", "import", table, "--out", two[0])
    assert [one.text for one in read_answers(two[0]).answers] == ["a dog", "a cat", "the dog"]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    assert "cannot be read" in told(call("annotations", "merge", tmp_path / "no", "--out", tmp_path / "out"))
    (tmp_path / "latin.csv").write_bytes("key,text\na,Hündin\n".encode("latin-1"))
    assert "UTF-8" in told(call("annotations", "import", tmp_path / "latin.csv", "--out", tmp_path / "out"))


def test_annotate_refuses_what_makes_no_sense_before_any_work(tmp_path: Path) -> None:
    photographs.write_scenes(tmp_path, 1)
    images, out = tmp_path / "images", tmp_path / "texts.jsonl"
    assert "lies in the input folder" in told(call("annotate", images, "--out", images / "t.jsonl"), 2)
    assert "no folder" in told(call("annotate", tmp_path / "no", "--out", out))
    assert "--skip-key" in told(call("annotate", images, "--out", out, "--skip-key", "s"), 2)
    assert "cannot be read" in told(call("annotate", images, "--out", out, "--prefill", tmp_path / "no"))
    assert call("annotate", images, "--out", out, "--fraction", "0").exit_code == 2
    assert "a share of nan" in told(call("annotate", images, "--out", out, "--fraction", "nan"), 2)
    assert not out.exists()


def test_annotate_says_where_it_cannot_listen(tmp_path: Path) -> None:
    photographs.write_scenes(tmp_path, 1)
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    words = ("annotate", tmp_path / "images", "--out", tmp_path / "texts.jsonl", "--no-open")
    assert "a free port" in told(call(*words, "--port", port), 2)
    assert "cannot listen on no.such.host.invalid" in told(call(*words, "--host", "no.such.host.invalid"), 2)
    taken.close()
