"""Which photographs are asked about: a function of the seed; resuming, taking back, asking twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdstr.errors import UsageError
from bdstr_builders.annotate.answers import Ask
from bdstr_builders.annotate.keys import skip_key_of
from bdstr_builders.annotate.order import GAP, arrange, choose, with_repeats
from bdstr_builders.annotate.session import MOST_UNDONE, Session
from bdstr_builders.annotate.store import Store, read_answers

keys = st.lists(st.text(max_size=8), min_size=1, max_size=40, unique=True)


@given(keys, st.floats(0.01, 1), st.integers(), st.randoms())
def test_the_choice_is_a_function_of_the_seed_whatever_the_order_on_disk(
    names: list[str], fraction: float, seed: int, shuffler: Any
) -> None:
    shuffled = list(names)
    shuffler.shuffle(shuffled)
    assert choose(shuffled, fraction, seed) == choose(names, fraction, seed)


@given(keys, st.floats(0.01, 1), st.floats(0.01, 1), st.integers())
def test_a_larger_share_begins_with_the_smaller(names: list[str], one: float, two: float, seed: int) -> None:
    small, large = sorted((choose(names, one, seed), choose(names, two, seed)), key=len)
    assert large[: len(small)] == small


def test_fifteen_per_cent_of_duts_are_what_the_paper_has() -> None:
    names = [str(i) for i in range(10_553)]
    assert len(choose(names, 0.15, 7)) == 1_583
    assert choose(names, 0.15, 7) != choose(names, 0.15, 8)


def test_doubt_comes_first_where_models_differ_then_where_the_score_is_low() -> None:
    one = {
        "same": {"text": "a dog", "score": 0.9},
        "low": {"text": "a cat", "score": 0.2},
        "differ": {"text": "x"},
    }
    two = {"same": {"text": "A  dog"}, "low": {"text": "a cat"}, "differ": {"text": "y"}}
    assert arrange(["same", "low", "differ", "none"], "doubt", [one, two]) == [
        "none",
        "differ",
        "low",
        "same",
    ]
    assert arrange(["b", "a"], "name", []) == ["a", "b"]
    assert arrange(["b", "a"], "random", []) == ["b", "a"]


@given(st.integers(1, 200), st.floats(0, 1), st.integers())
def test_what_is_asked_twice_comes_back_later_or_last(count: int, share: float, seed: int) -> None:
    asks = with_repeats([str(i) for i in range(count)], share, seed)
    firsts = [ask for ask in asks if not ask.repeat]
    assert firsts == [Ask(str(i)) for i in range(count)]
    for ask in asks:
        if ask.repeat:
            between = asks.index(ask) - asks.index(Ask(ask.key))
            assert between >= min(GAP, count - int(ask.key)) - 0
    assert len(asks) - count == (max(1, round(share * count)) if share else 0)


Opener = Callable[..., Session]


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    """Starts a session on the same file, again and again."""
    stores: list[Store] = []

    def start(
        asks: str = "abcde", proposals: Mapping[str, Mapping[str, Any]] | None = None, **options: Any
    ) -> Session:
        for store in stores:
            store.close()
        stores[:] = [Store(tmp_path / "texts.jsonl")]
        listed = options.pop("listed", [Ask(key) for key in asks])
        return Session(listed, stores[0], "Ada", lambda: "2026-01-01T00:00:00Z", proposals or {}, **options)

    yield start
    for store in stores:
        store.close()


def shown(session: Session) -> str | None:
    now = session.state()["shown"]
    return now and now["key"]


def give(session: Session, text: str) -> None:
    session.answer(session.state()["shown"]["place"], text, "done" if text else "skipped", 1.0)


def test_a_session_goes_on_at_the_first_without_an_answer(opened: Opener) -> None:
    session = opened()
    for text in ("one", "", "three"):
        give(session, text)
    again = opened()
    assert shown(again) == "d"
    assert (again.count().total, again.count().done, again.count().skipped, again.count().left) == (
        5,
        2,
        1,
        2,
    )
    assert again.state()["completions"] == ["one", "three"]


def test_undo_goes_back_over_the_last_ten_and_forward_again(opened: Opener) -> None:
    session = opened(asks="abcdefghijklm")
    for number in range(12):
        give(session, f"text {number}")
    for expected in "lkjihgfedc":
        session.undo()
        assert shown(session) == expected
    session.undo()  # an eleventh time: nothing happens
    assert (shown(session), session.state()["undo"], MOST_UNDONE) == ("c", 0, 10)
    assert session.state()["shown"]["text"] == "text 2"
    for expected in "defg":
        give(session, "better")
        assert shown(session) == expected


def test_undo_works_after_a_restart_and_leaves_every_line(opened: Opener, tmp_path: Path) -> None:
    session = opened()
    give(session, "one")
    give(session, "two")
    session = opened()
    session.undo()
    assert (shown(session), session.state()["shown"]["text"]) == ("b", "two")
    session = opened()
    assert (shown(session), session.count().done) == ("b", 1)
    give(session, "")
    session.undo()
    lines = [(one.key, one.status) for one in read_answers(tmp_path / "texts.jsonl").answers]
    assert lines == [("a", "done"), ("b", "done"), ("b", "undone"), ("b", "skipped"), ("b", "undone")]


def test_what_was_skipped_is_asked_again_on_request_only(opened: Opener) -> None:
    give(opened(asks="ab"), "")
    assert shown(opened(asks="ab")) == "b"
    again = opened(asks="ab", skipped_again=True)
    assert (shown(again), again.count().skipped) == ("a", 0)
    give(again, "")
    assert (shown(again), again.count().skipped) == ("b", 1)


def test_the_prefill_stands_in_the_field_and_is_kept_beside_the_text(opened: Opener, tmp_path: Path) -> None:
    session = opened(proposals={"a": {"key": "a", "text": " a  dog ", "model": "blip"}})
    assert session.state()["shown"]["text"] == "a dog"
    give(session, "a dog")
    (line,) = read_answers(tmp_path / "texts.jsonl").answers
    assert (line.text, line.prefill, line.model, line.edited) == ("a dog", "a dog", "blip", False)


def test_a_repeat_is_blind_and_not_asked_where_the_first_was_skipped(opened: Opener, tmp_path: Path) -> None:
    listed = [Ask("a"), Ask("b"), Ask("a", True), Ask("b", True)]
    session = opened(listed=listed)
    give(session, "a dog")
    give(session, "")
    assert session.state()["shown"] == {"place": 2, "key": "a", "text": ""}
    assert session.state()["total"] == 3
    give(session, "the dog")
    assert session.state()["shown"] is None
    assert [one.repeat for one in read_answers(tmp_path / "texts.jsonl").answers] == [False, False, True]


@pytest.mark.parametrize("text", ["", "  ", "x" * 501])
def test_a_text_that_is_none_is_refused(text: str, opened: Opener) -> None:
    with pytest.raises(UsageError, match="expected 1 to 500, or skip it"):
        opened().answer(0, text, "done", 1.0)


def test_a_place_that_is_not_there_is_refused(opened: Opener) -> None:
    for place in (-1, 5):
        with pytest.raises(UsageError, match="expected 0 to 4"):
            opened().answer(place, "a dog", "done", 1.0)


@pytest.mark.parametrize("key", ["a", "Enter", "Ctrl+a", "Ctrl+", "", "Meta+Enter", "Enter+Ctrl", "Space"])
def test_no_letter_nor_enter_alone_can_skip(key: str) -> None:
    with pytest.raises(UsageError, match="--skip-key"):
        skip_key_of(key)
