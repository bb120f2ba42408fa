"""Classes that are called by ids get names: the right ones, no two the same, and none in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from photographs import write_scenes

from bdstr.errors import SourceError
from bdstr_builders.class_names import distinct_names, read_class_names, with_class_names
from bdstr_builders.folder import find_items
from bdstr_builders.source import Source

WORDS = {"n02084071": "dog, domestic dog, Canis familiaris", "n01440764": "tench, Tinca tinca"}


@pytest.mark.parametrize(
    "text",
    [
        "n01440764 tench, Tinca tinca\nn02084071 dog, domestic dog, Canis familiaris\n",
        "n01440764\ttench, Tinca tinca\r\n\r\nn02084071\tdog, domestic dog, Canis familiaris\r\n",
        "\ufeffn01440764   tench, Tinca tinca\nn02084071 dog, domestic dog, Canis familiaris",
    ],
)
def test_the_files_of_imagenet_are_read_whatever_their_blanks_and_line_ends(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "names.txt").write_bytes(text.encode("utf-8"))
    assert read_class_names(tmp_path / "names.txt") == WORDS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"n1 dog\nn2\n", r"names\.txt: line 2 is 'n2'; expected e\.g\. n01440764 tench"),
        (b"n1 , dog\n", r"line 1 is 'n1 , dog'"),
        (b"n1 dog\nn1 cat\n", "line 2 names n1 again"),
        (b"\n\n", "holds nothing"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_file_that_is_no_list_of_names_is_refused_by_line(
    tmp_path: Path, text: bytes, message: str
) -> None:
    (tmp_path / "names.txt").write_bytes(text)
    with pytest.raises(SourceError, match=message):
        read_class_names(tmp_path / "names.txt")


@pytest.fixture
def tree(tmp_path: Path) -> Source:
    write_scenes(tmp_path, 4, ("n02084071", "n01440764", "unheard-of", "n02084071/n01440764"))
    return find_items(tmp_path / "images")


def test_synset_ids_become_words_in_the_order_of_the_ids_and_keys_keep_them(tree: Source) -> None:
    named = with_class_names(tree, WORDS, "names.txt")
    assert named.categories == ("tench", "dog", "unheard-of")
    assert [(item.key, item.category, item.subcategory) for item in named.items] == [
        ("n01440764/001", "tench", None),
        ("n02084071/000", "dog", None),
        ("n02084071/n01440764/003", "dog", "tench"),
        ("unheard-of/002", "unheard-of", None),
    ]


def test_an_unknown_id_is_told(tree: Source) -> None:
    (note,) = with_class_names(tree, WORDS, "names.txt").notes
    assert note == "names.txt: 1 of 3 classes are not in it and keep their names: unheard-of"


def test_the_names_of_something_else_are_refused(tree: Source) -> None:
    with pytest.raises(SourceError, match="names none of the classes, which are called like n01440764"):
        with_class_names(tree, {"3": "cat"}, "names.txt")


def test_photographs_without_classes_have_none_to_name(tmp_path: Path) -> None:
    write_scenes(tmp_path, 1)
    with pytest.raises(SourceError, match="no classes to be named; expected one folder a class"):
        with_class_names(find_items(tmp_path / "images"), WORDS, "names.txt")


WORD = st.sampled_from(["a", "b", "a, b", "b, a", "a (n)", "n", "m"])


@given(ids=st.lists(WORD, unique=True), words=st.dictionaries(WORD, WORD))
def test_no_two_classes_ever_get_one_name(ids: list[str], words: dict[str, str]) -> None:
    names = distinct_names(ids, words)
    assert list(names) == ids
    assert len(set(names.values())) == len(ids)
    assert all(names[one] == one for one in ids if one not in words)
