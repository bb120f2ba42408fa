"""Files of answers: torn anywhere, full disks, foreign files, two writers; nothing confirmed is ever lost."""

from __future__ import annotations

import errno
import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdstr.errors import RunError, SourceError
from bdstr_builders.annotate.answers import Answer, by_frequency, latest, one_line, parse_answer
from bdstr_builders.annotate.store import Store, parse_answers, read_answers
from bdstr_builders.stages.annotations import read_annotations
from sodeval.errors import OutputError

names = st.text(min_size=1, max_size=12)
texts = st.text(max_size=20).map(one_line)
answers = st.builds(
    Answer,
    key=names,
    text=texts,
    status=st.sampled_from(["done", "skipped", "undone"]),
    prefill=st.none() | texts,
    model=st.none() | names,
    seconds=st.none() | st.floats(0, 1e6),
    who=names,
    time=st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]),
    repeat=st.booleans(),
    other=st.just({}) | st.just({"boxes": [[0, 0, 5, 5]]}),
)
THREE = [Answer("a", "a dog"), Answer("ü\u2028b", "ein \U0001f415 Hund"), Answer("c", status="skipped")]


def lines_of(*given: Answer) -> bytes:
    return "".join(answer.to_line() + "\n" for answer in given).encode("ascii")


@given(answers)
def test_an_answer_comes_back_from_its_line_as_it_was(answer: Answer) -> None:
    assert parse_answer(answer.to_line(), "line 1") == answer
    assert len(answer.to_line().splitlines()) == 1


def test_a_file_torn_at_any_byte_loses_no_earlier_answer_and_takes_new_ones(tmp_path: Path) -> None:
    for cut in range(len(lines_of(*THREE)) + 1):
        go_on_after(lines_of(*THREE)[:cut], cut, tmp_path / "texts.jsonl")


def go_on_after(begun: bytes, cut: int, file: Path) -> None:
    file.write_bytes(begun)
    # an answer is whole with its last brace, be there an end of the line or not
    ends = [len(lines_of(*THREE[: count + 1])) - 1 for count in range(3)]
    expected = THREE[: sum(end <= cut for end in ends)]
    store = Store(file)
    assert list(store.content.answers) == expected
    assert (store.content.torn != b"") == (cut not in (0, *ends, *(end + 1 for end in ends)))
    store.append(Answer("new", "a cat"))
    store.close()
    assert list(read_answers(file).answers) == [*expected, Answer("new", "a cat")]
    assert read_answers(file).torn == b""
    assert "new" in read_annotations(file)


@pytest.mark.parametrize("zeros", [1, 4096])
def test_zeros_after_a_power_cut_are_a_torn_line(zeros: int) -> None:
    content = parse_answers(lines_of(THREE[0]) + b"\0" * zeros, "texts.jsonl")
    assert (list(content.answers), content.torn) == (THREE[:1], b"\0" * zeros)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Dear diary", "line 1 is no JSON"),
        (b'{"key": "a", "te\n{"key": "b", "text": "a dog"}\n', "line 1 is no JSON"),
        (b'{"text": "a dog"}\n', "expected an object with a key"),
        (b"[1]\n", "expected an object with a key"),
        (b'{"key": "a", "text": 5}\n', "text is 5; expected a string"),
        (b'{"key": "a", "status": "maybe"}\n', "expected one of done, skipped, undone"),
        (b'{"key": "a", "seconds": -1}\n', "expected a number from 0"),
        (b'{"key": "a", "seconds": NaN}\n', "expected a number from 0"),
        (b'{"key": "a", "repeat": "no"}\n', "expected true or false"),
        (b'{"key": "a", "prefill": 1}\n', "expected a string or null"),
        (b"\xff\xfe{\n", "is no JSON"),
        (b"[" * 100_000 + b"\n", "is no JSON"),
    ],
)
def test_a_file_of_something_else_is_refused_and_left_alone(
    content: bytes, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=told):
        Store(file)
    assert file.read_bytes() == content


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "texts.jsonl")
    with pytest.raises(RunError, match="open in another"):
        Store(tmp_path / "texts.jsonl")
    store.close()
    Store(tmp_path / "texts.jsonl").close()


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "texts.jsonl")
    store.append(THREE[0])
    write = os.write

    def half(fd: int, data: bytes) -> int:
        if len(data) > 20:
            return write(fd, data[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        patch.setattr(os, "fsync", lambda _: pytest.fail("nothing to confirm"))
        with pytest.raises(OutputError, match="free some space"):
            store.append(Answer("b", "a very long text indeed"))
    assert (tmp_path / "texts.jsonl").read_bytes() == lines_of(THREE[0])
    store.append(Answer("b", "later"))
    assert [answer.key for answer in read_answers(store.path).answers] == ["a", "b"]


def test_an_answer_is_synced_before_it_is_confirmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, synced = Store(tmp_path / "texts.jsonl"), []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(store.path.read_bytes()), fsync(fd))[1])
    store.append(THREE[0])
    assert synced == [lines_of(THREE[0])]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        Store(tmp_path / "file" / "texts.jsonl")


def test_the_latest_line_of_a_key_wins_and_a_repeat_stands_apart() -> None:
    given = [Answer("a", "x"), Answer("a", "z", repeat=True), Answer("a", "y"), Answer("b", "x")]
    held = latest(given)
    assert (held[given[0].ask].text, held[given[1].ask].text) == ("y", "z")
    assert by_frequency(held.values()) == ["x", "y", "z"]


@given(st.lists(answers, max_size=12))
def test_generate_takes_of_a_file_of_answers_the_texts_that_hold(given: list[Answer]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "texts.jsonl")
        file.write_bytes(lines_of(*given))
        found = {key: entry["text"] for key, entry in read_annotations(file).items() if entry["text"]}
    held = latest(answer for answer in given if not answer.repeat).values()
    assert found == {answer.key: answer.text for answer in held if answer.status == "done" and answer.text}


def test_a_prefill_and_what_became_of_it_are_kept_apart() -> None:
    kept, changed = Answer("a", "a dog", prefill="a dog"), Answer("b", "a cat", prefill="a dog")
    assert (kept.edited, changed.edited, Answer("c", "a cat").edited) == (False, True, True)
    assert json.loads(changed.to_line())["prefill"] == "a dog"


def test_one_line_keeps_letters_as_they_were_typed() -> None:
    assert one_line(unicodedata.normalize("NFD", "é") + "\t x") == "e\u0301 x"
