"""The page of `annotate` in a real browser, by its keys alone."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bdstr_builders.annotate.store import read_answers

NASTY = "<script>alert(1)</script>"
PHOTOGRAPHS = 14


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for i in range(PHOTOGRAPHS):
        name = f"{i:02}{'<img src=x onerror=alert(1)>' if i == 1 else ''}.jpg"
        Image.fromarray(np.full((60, 80, 3), 15 * i, np.uint8)).save(folder / name)
    (folder / "02.jpg").write_bytes(b"no photograph")
    return folder


class Annotating:
    """One person's browser at the page, and the server behind it."""

    def __init__(self, images: Path, browser: Browser) -> None:
        self.images, self.out = images, images.parent / "texts.jsonl"
        self.page: Page = browser.new_page()
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(dialog.message))
        self.server: subprocess.Popen[str] | None = None

    def open(self, *more: str) -> Annotating:
        call = [sys.executable, "-m", "bdstr.cli", "annotate", str(self.images), "--out", str(self.out)]
        call += ["--no-open", "--order", "name", "--who", NASTY, *more]
        self.server = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.server.stdout
        self.page.goto(self.server.stdout.readline().strip().removeprefix("Open "))
        expect(self.page.locator("#photo > *")).to_be_visible()
        return self

    def end(self, how: signal.Signals = signal.SIGINT) -> str:
        assert self.server
        self.server.send_signal(how)
        return self.server.communicate(timeout=20)[0]

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def accept(self, text: str, done: int) -> None:
        self.type(text)
        self.press("Enter")
        self.counts(done)

    def counts(self, done: int) -> None:
        expect(self.page.locator("#count")).to_have_text(f"{done} of {PHOTOGRAPHS}")

    def shows(self, name: str, text: str = "") -> None:
        expect(self.page.locator("#name")).to_have_text(re.compile(f"^{re.escape(name)}"))
        expect(self.page.locator("#text")).to_have_value(text)
        expect(self.page.locator("#text")).to_be_focused()

    def kept(self) -> list[tuple[str, str, str]]:
        return [(one.key[:2], one.status, one.text) for one in read_answers(self.out).answers]


@pytest.fixture
def at(images: Path, browser: Browser) -> Iterator[Annotating]:
    annotating = Annotating(images, browser)
    yield annotating
    annotating.page.close()
    if annotating.server and annotating.server.poll() is None:
        annotating.end(signal.SIGKILL)
    unexpected = [one for one in annotating.problems if "422" not in one and "net::ERR_" not in one]
    assert unexpected == []


def test_typing_and_enter_keeps_the_text_and_shows_the_next(at: Annotating) -> None:
    at.open().shows("00")
    at.accept("  a brown  dog ", done=1)
    expect(at.page.locator("#said")).to_have_text("saved")
    at.shows("01<img src=x onerror=alert(1)>")
    assert at.kept() == [("00", "done", "a brown dog")]
    width = at.page.locator("#photo img").evaluate("image => image.naturalWidth")
    assert width == 80
    assert "1 of 14 done" in at.end()


def test_names_and_texts_are_shown_as_they_are_never_run(at: Annotating) -> None:
    at.open().accept(NASTY, done=1)
    at.type("<s")
    expect(at.page.get_by_role("option")).to_have_text([NASTY])
    assert at.page.locator("#texts script, #name img").count() == 0


def test_completions_are_the_texts_so_far_the_most_frequent_first(at: Annotating) -> None:
    at.open()
    for done, text in enumerate(("a cat", "a dog", "a dog", "the ant"), 1):
        at.accept(text, done)
    at.type("a")
    expect(at.page.get_by_role("option")).to_have_text(["a dog", "a cat", "the ant"])
    at.press("ArrowDown", "ArrowDown")
    at.shows("04", "a cat")
    expect(at.page.get_by_role("option", selected=True)).to_have_text("a cat")
    at.press("Escape")
    at.shows("04", "a")
    at.press("ArrowUp")
    at.shows("04", "the ant")
    at.press("Enter")
    at.counts(5)
    at.press("ArrowDown")  # from an empty field
    at.shows("05", "a dog")


def test_undo_goes_back_over_ten_and_ctrl_z_takes_typing_back_first(at: Annotating) -> None:
    at.open()
    for done in range(1, 13):
        at.accept(f"text {done}", done)
    at.type("half")
    at.press("Control+z")
    at.shows("12", "")
    for index in range(11, 1, -1):
        at.press("Control+z")
        at.shows(f"{index:02}", f"text {index + 1}")
    expect(at.page.locator("#undo")).to_be_disabled()
    at.press("Control+z")
    at.counts(2)
    at.press("Enter")
    at.shows("03", "text 4")
    assert at.kept()[-1] == ("02", "done", "text 3")


def test_ctrl_z_after_a_completion_reaches_the_text_as_it_was_shown_then_the_last_photograph(
    at: Annotating,
) -> None:
    at.open().accept("a dog", done=1)
    at.type("a")
    at.press("ArrowDown")
    at.shows("01", "a dog")
    at.press("Control+z")
    at.shows("01", "")
    at.press("Control+z")
    at.shows("00", "a dog")


def test_skipping_keeps_no_text_and_can_be_taken_back(at: Annotating) -> None:
    at.open()
    at.type("not sure")
    at.press("Control+Enter")
    at.shows("01")
    expect(at.page.locator("#skipped")).to_have_text("1 skipped")
    at.press("Control+z")
    at.shows("00")
    assert at.kept() == [("00", "skipped", ""), ("00", "undone", "")]


def test_another_key_may_skip_and_letters_never_do(at: Annotating) -> None:
    at.open("--skip-key", "F2")
    at.type("suzysnz ")
    at.press("Control+Enter")
    at.shows("00", "suzysnz ")
    at.press("F2")
    at.shows("01")
    assert at.kept() == [("00", "skipped", "")]


def test_an_empty_field_is_not_accepted_nor_a_key_held_down(at: Annotating) -> None:
    at.open("--prefill", prefill(at.images))
    at.shows("00", "a dog")
    at.press("Control+a", "Delete", "Enter")
    expect(at.page.get_by_role("alert")).to_have_text("Type a few words, or skip the photograph.")
    at.type("x")
    for _ in range(5):
        at.page.keyboard.down("Enter")  # again without going up: as a key that is held
    at.page.keyboard.up("Enter")
    at.shows("01", "a dog")
    assert at.kept() == [("00", "done", "x")]


def prefill(images: Path) -> str:
    file = images.parent / "prefill.jsonl"
    lines = [{"key": path.stem, "text": "a dog", "model": "blip"} for path in images.iterdir()]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(file)


def test_a_prefill_is_accepted_by_one_key(at: Annotating) -> None:
    at.open("--prefill", prefill(at.images))
    for done in (1, 2, 3):
        at.press("Enter")
        at.counts(done)
    assert [one.edited for one in read_answers(at.out).answers] == [False] * 3


def test_reloading_and_starting_again_go_on_at_the_first_without_an_answer(at: Annotating) -> None:
    at.open().accept("a dog", done=1)
    at.page.reload()
    at.shows("01")
    at.end(signal.SIGKILL)
    at.open().shows("01")
    at.accept("a cat", done=2)


def test_a_photograph_that_cannot_be_shown_says_why(at: Annotating) -> None:
    at.open().accept("a", done=1)
    at.accept("b", done=2)
    expect(at.page.locator("#photo")).to_contain_text("cannot be shown (not-an-image")


def test_a_server_that_was_ended_is_said_and_the_text_stays(at: Annotating) -> None:
    at.open()
    at.end()
    at.type("a dog")
    at.press("Enter")
    expect(at.page.get_by_role("alert")).to_contain_text("Not saved. The server does not answer")
    at.shows("00", "a dog")


def test_the_next_photograph_is_loaded_before_it_is_asked_for(at: Annotating) -> None:
    asked: list[Any] = []
    at.page.on("request", lambda request: asked.append(request.url.rsplit("/", 2)[1:]))
    at.open().accept("a", done=1)
    at.shows("01")
    at.page.wait_for_load_state("networkidle")
    assert [one[1] for one in asked if one[0] == "photo"] == ["0", "1", "2"]


def test_the_last_one_says_what_is_done(at: Annotating) -> None:
    at.open("--fraction", "0.07")
    at.type("a dog")
    at.press("Enter")
    expect(at.page.locator("#photo")).to_contain_text("That was the last one: 1 done.")
    at.press("Control+z")
    expect(at.page.locator("#text")).to_have_value("a dog")


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_everything_fits_on_the_screen_and_has_a_name(at: Annotating, width: int) -> None:
    at.page.set_viewport_size({"width": width, "height": 640})
    at.open()
    fits = at.page.locator("html").evaluate(
        "html => html.scrollWidth <= innerWidth && html.scrollHeight <= innerHeight"
    )
    assert fits
    expect(at.page.get_by_role("combobox", name="What stands out?")).to_be_visible()
    for name in ("Accept", "Skip", "Undo"):
        expect(at.page.get_by_role("button", name=name)).to_be_visible()
    expect(at.page.get_by_role("progressbar", name="Photographs seen")).to_be_visible()
    expect(at.page.get_by_role("img", name="Photograph 00")).to_be_visible()
