"""Files of texts and boxes that people gave: nothing that they say is passed over in silence."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from drafts import draft
from hypothesis import given
from hypothesis import strategies as st

from bdstr.errors import SourceError
from bdstr_builders.annotate.answers import Answer
from bdstr_builders.annotate.table import from_csv, to_csv
from bdstr_builders.draft import Draft, Rejected
from bdstr_builders.stages.annotations import AnnotatedBoxes, read_annotations

WIDTH, HEIGHT = 70, 50


def write(folder: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "a.jsonl").write_text("\n".join(texts), "utf-8")
    return folder / "a.jsonl"


# ---- keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"box": [[1, 1, 9, 9]], "text": "a dog"}, "nothing is called 'box'; did you mean 'boxes'"),
        ({"txt": "a dog"}, "nothing is called 'txt'; did you mean 'text'"),
        ({"Text": "a dog"}, "nothing is called 'Text'; did you mean 'text'"),
        ({"zzz": 1}, "nothing is called 'zzz'; known are key, text, "),
    ],
)
def test_a_misspelt_name_is_refused_by_line_with_the_nearest_known(
    tmp_path: Path, entry: dict[str, object], told: str
) -> None:
    file = write(tmp_path, {"key": "1"}, {"key": "0004"} | entry)
    with pytest.raises(SourceError) as refused:
        read_annotations(file)
    assert str(refused.value).startswith(f"{file}: line 2: {told}")


def test_what_our_own_commands_write_is_known(tmp_path: Path) -> None:
    (answer,) = from_csv("".join(to_csv([Answer("a", "a dog", prefill="dog", model="m", seconds=1.5)])), "t")
    boxes, proposal = {"key": "b", "boxes": [[0, 0, 5, 5]]}, {"key": "c", "text": "x", "score": 0.5}
    assert list(read_annotations(write(tmp_path, answer.to_line(), boxes, proposal))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"text": 3}, "text is 3; expected a string"),
        ({"repeat": "false"}, "repeat is 'false'; expected true or false"),
        ({"boxes": None}, "the boxes None; expected lists of x0, y0, x1, y1"),
        ({"boxes": [[0, 0, 10**400, 9]]}, "expected lists of x0, y0, x1, y1"),
        ({"score": "high"}, "score is 'high'; expected a number or null"),
        ({"status": "maybe"}, "the status 'maybe'; expected one of done, skipped, undone"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_line(
    tmp_path: Path, entry: dict[str, object], told: str
) -> None:
    with pytest.raises(SourceError, match="line 1: ") as refused:
        read_annotations(write(tmp_path, {"key": "a"} | entry))
    assert told in str(refused.value)


lines = st.text(max_size=30) | st.sampled_from(["[" * 5000, '{"key": "a", "text": ' + "[" * 5000])


@given(lines)
def test_no_line_does_anything_but_say_something_or_be_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.jsonl")
        file.write_text(text, "utf-8", newline="")
        assert not text.strip() or is_refused(file)


def is_refused(file: Path) -> bool:
    try:
        read_annotations(file)
    except SourceError as error:
        return str(error).startswith(str(file))
    return False


def test_a_column_that_no_answer_has_is_refused_unless_it_is_empty() -> None:
    with pytest.raises(SourceError, match=r"line 3: nothing is called 'notes'; known are key, text"):
        from_csv("key,text,notes\na,a dog,\nb,a cat,blurred\n", "t.csv")
    assert len(from_csv("key;text;\na;a dog;\n", "t.csv")) == 1


# ---- two lines for one key -------------------------------------------------------------------------


def test_two_lines_for_one_photograph_are_refused_by_their_numbers(tmp_path: Path) -> None:
    file = write(tmp_path, {"key": "a", "boxes": [[0, 0, 9, 9]]}, "", {"key": "a", "text": "a dog"})
    with pytest.raises(SourceError, match=r"a\.jsonl: lines 1 and 3 are both of the key 'a'; expected one"):
        read_annotations(file)


def test_of_two_answers_of_annotate_the_later_holds_but_none_replaces_boxes(tmp_path: Path) -> None:
    first, second = Answer("a", "a dog"), Answer("a", "a cat")
    file = write(tmp_path, first.to_line(), second.to_line())
    assert read_annotations(file)["a"]["text"] == "a cat"
    with pytest.raises(SourceError, match="lines 1 and 2 are both of the key 'a'"):
        read_annotations(write(tmp_path, {"key": "a", "boxes": [[0, 0, 9, 9]]}, second.to_line()))


# ---- boxes -----------------------------------------------------------------------------------------


def answer_to(folder: Path, *boxes: list[float]) -> Draft | Rejected:
    file = write(folder, {"key": "000", "boxes": boxes})
    (answer,) = AnnotatedBoxes(file).build()([draft(0, (HEIGHT, WIDTH))])
    return answer


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ([10, 10, 5000, 5000], "outside-box"),
        ([-1.5, 0, 20, 20], "outside-box"),
        ([80, 10, 90, 20], "outside-box"),
        ([30, 10, 20, 20], "empty-box"),
        ([30, 10, 30, 20], "empty-box"),
        ([-1, 0, 0, 20], "empty-box"),
    ],
)
def test_a_box_that_is_not_in_its_photograph_is_a_reject_with_the_numbers(
    tmp_path: Path, box: list[float], reason: str
) -> None:
    answer = answer_to(tmp_path, [1, 1, 9, 9], box)
    assert isinstance(answer, Rejected)
    assert answer.reason == reason
    assert f"the box {box} in 70 x 50 px; expected x0 y0 x1 y1" in answer.detail


def test_a_box_a_pixel_over_the_border_is_cut_there(tmp_path: Path) -> None:
    answer = answer_to(tmp_path, [-1, -0.5, 71, 51], [0, 0, 70, 50])
    assert isinstance(answer, Draft)
    assert [one.box for one in answer.instances] == [(0, 0, 70, 50)] * 2
