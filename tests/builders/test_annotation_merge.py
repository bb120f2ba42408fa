"""Two people's files as one: nothing lost, whatever the order; tables there and back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdstr.errors import SourceError
from bdstr_builders.annotate.answers import Answer, latest
from bdstr_builders.annotate.merge import merge
from bdstr_builders.annotate.table import from_csv, to_csv

texts = st.sampled_from(["a dog", "a cat", 'a "red", ball', "=1+1", "ein\U0001f415"])
answers = st.builds(
    lambda key, text, status, who, time, repeat, seconds: Answer(
        key,
        "" if status == "skipped" else text,
        status,
        prefill=None,
        seconds=seconds,
        who=who,
        time=time,
        repeat=repeat,
    ),
    st.sampled_from(["a", "b", "ü;c"]),
    texts,
    st.sampled_from(["done", "skipped", "undone"]),
    st.sampled_from(["Ada", "Ben"]),
    st.sampled_from(["1", "2", "3"]),
    st.booleans(),
    st.none() | st.floats(0, 100),
)
files = st.lists(answers, max_size=8)


def lines(given: list[Answer]) -> list[str]:
    return [answer.to_line() for answer in given]


@given(files, files)
def test_merging_loses_no_answer_and_invents_none(mine: list[Answer], yours: list[Answer]) -> None:
    merged, _ = merge(mine, yours)
    assert Counter(lines(merged)) == Counter(set(lines(mine + yours)))


@given(files, files)
def test_it_does_not_matter_whose_file_comes_first(mine: list[Answer], yours: list[Answer]) -> None:
    assert lines(merge(mine, yours)[0]) == lines(merge(yours, mine)[0])


@given(files, files)
def test_what_one_of_them_said_of_a_photograph_holds(mine: list[Answer], yours: list[Answer]) -> None:
    held = latest(merge(mine, yours)[0])
    for ask, answer in held.items():
        assert answer in (latest(mine).get(ask), latest(yours).get(ask))
    for ask in latest(mine).keys() - latest(yours).keys():
        assert held[ask] == latest(mine)[ask]


@given(files, files)
def test_every_difference_is_a_conflict_and_nothing_else(mine: list[Answer], yours: list[Answer]) -> None:
    one, other = latest(mine), latest(yours)
    for conflict in merge(mine, yours)[1]:
        ask = conflict.kept.ask
        assert {conflict.kept.text, conflict.other.text} == {one[ask].text, other[ask].text}
        assert conflict.kept.text != conflict.other.text


def test_a_file_and_its_own_earlier_copy_have_no_conflict() -> None:
    first = Answer("a", "a dog", time="2")
    later = replace(first, text="a cat", time="1")  # a clock that was set back
    for merged, conflicts in (merge([first], [first, later]), merge([first, later], [first])):
        assert (merged, conflicts) == ([first, later], [])


def test_the_later_text_holds_and_a_text_holds_against_a_skip() -> None:
    ada = [Answer("a", "a dog", who="Ada", time="1"), Answer("b", "a cat", who="Ada", time="1")]
    ben = [Answer("a", "two dogs", who="Ben", time="2"), Answer("b", "", "skipped", who="Ben", time="2")]
    merged, conflicts = merge(ada, ben)
    assert [latest(merged)[one.ask].text for one in ada] == ["two dogs", "a cat"]
    assert [(one.kept.who, one.other.who) for one in conflicts] == [("Ben", "Ada")]


@given(files)
def test_a_table_there_and_back_is_the_same(given: list[Answer]) -> None:
    back = from_csv("".join(to_csv(given)), "table.csv")
    assert lines(back) == lines(given)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_may_come_from_any_spreadsheet(mark: str) -> None:
    table = "key,text,seconds\r\na,a dog,\r\nb,a cat,1\r\n".replace(",", mark)
    assert [(one.key, one.text, one.seconds) for one in from_csv(table, "t.csv")] == [
        ("a", "a dog", None),
        ("b", "a cat", 1.0),
    ]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "no column key and text"),
        ("name,text\n", "no column key"),
        ("key,text\na,a dog, a cat\n", "line 2 has more or fewer cells"),
        ("key,text,who\na,a dog\n", "line 2 has more or fewer cells"),
        ("key,text\n,a dog\n", "line 2: no key"),
        ("key,text\na,\n", "line 2: no text"),
        ("key,text,status\na,x,maybe\n", "line 2: the status 'maybe'"),
        ("key,text,seconds\na,x,long\n", "line 2: seconds is 'long'"),
        ("key,text,seconds\na,x,nan\n", "line 2: seconds is nan"),
        ("key,text,repeat\na,x,perhaps\n", "line 2: repeat is 'perhaps'"),
        ('key,text\na,"x\n', "expected a table as CSV"),
    ],
)
def test_a_table_that_is_none_is_refused_by_line(table: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        from_csv(table, "t.csv")
