"""The leaderboard's pages in a real browser, from the disk and without a network."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bdstr_leaderboard.board import packaged
from bdstr_leaderboard.published import COLUMNS

NASTY = "<img src=x onerror=alert(1)></script><script>alert(2)</script>'\"&amp;"
PAGES = ("index", "charts", "conventions", "record", "methods/minet", "methods/csnet-l-x2")

COLUMN = """title => {
  const words = (head) => head.innerText.replace(/[↕▴▾\\s]+/g, " ").trim();
  const heads = [...document.querySelectorAll("#figures thead th")];
  const place = heads.findIndex((head) => words(head) === title);
  const shown = (cell) => (cell.querySelector(".cell > a") ?? cell).innerText.split(",")[0].trim();
  return [...document.querySelectorAll("#figures tbody tr")].map(({ cells }) => shown(cells[place]));
}"""
UNNAMED = """all => {
  const named = (one) => one.labels?.length || one.querySelector("[aria-label]") || one.textContent.trim();
  const seen = all.filter((one) => one.checkVisibility() && !one.ariaLabel);
  return seen.filter((one) => !named(one)).map(({ outerHTML }) => outerHTML);
}"""
LOADED = "performance.timing.domContentLoadedEventEnd - performance.timing.fetchStart"
HARM = "img, [onerror], [onmouseover], a[href^='javascript']"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of what comes with bdstr, and of a method whose every text means harm."""
    data = tmp_path_factory.mktemp("board") / "data"
    shutil.copytree(packaged(), data)
    row = dict.fromkeys(COLUMNS, NASTY) | {
        **{"supervision": "full", "year": "2020", "benchmark": "ECSSD", "printed": "MAE", "measure": "MAE"},
        **{"value": "0.001", "origin": "authors", "convention": "usual", "suspect": "", "variant": ""},
        "source_url": "https://example.org/<img src=x onerror=alert(3)>&\"onmouseover='alert(3)'",
    }
    unstated = row | {"measure": "F", "convention": "unstated", "value": "0.9"}
    with (data / "published.csv").open("a", newline="", encoding="utf-8") as file:
        csv.DictWriter(file, COLUMNS).writerows([row, unstated])
    measured(data, row)
    on_unknown_masks(data)
    out = data.parent / "site"
    call = [sys.executable, "-m", "bdstr.cli", "leaderboard", "build", "--out", str(out), "--data", str(data)]
    subprocess.run(call, check=True)
    return out


def measured(data: Path, row: dict[str, str]) -> None:
    """The same method, as an entry."""
    entry = json.loads((data / "entries" / "csnet-l-x2--ecssd.json").read_bytes())
    told = {name: row[name] for name in ("supervision", "backbone", "train_set", "venue")}
    entry["method"] = {**told, "name": NASTY, "variant": "", "year": 2020, "parameters": 5, "checked": True}
    entry["method"] |= {"paper": f"https://example.org/{NASTY}", "code": ""}
    entry["run"] |= {"by": NASTY, "note": NASTY, "maps": f"https://example.org/{NASTY}"}
    (data / "entries" / "nasty.json").write_text(json.dumps(entry))


def on_unknown_masks(data: Path) -> None:
    """A method on a copy of SOD's masks that nobody knows, whose name sorts before that of the known one."""
    entry = json.loads((data / "entries" / "dss--sod.json").read_bytes())
    entry["method"] |= {"name": "Other", "year": 2024, "parameters": 7}
    entry |= {"gt_fingerprint": "cc7dd0be" * 8, "gt_known": False}
    (data / "entries" / "other--sod.json").write_text(json.dumps(entry))


class Reading:
    """Somebody's browser at the site."""

    def __init__(self, site: Path, browser: Browser) -> None:
        self.site, self.problems = site, list[str]()
        self.page: Page = browser.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(dialog.message))
        self.page.on("requestfailed", lambda request: self.problems.append(f"failed: {request.url}"))
        self.page.on("request", lambda request: self.asked(request.url))

    def asked(self, url: str) -> None:
        if not url.startswith((self.site.as_uri(), "data:")):
            self.problems.append(f"asked for {url}")

    def open(self, path: str = "index.html") -> Reading:
        self.page.goto("about:blank")  # else only what stands after # would change
        self.page.goto(f"{self.site.as_uri()}/{path}")
        return self

    @property
    def rows(self) -> Locator:
        return self.page.locator("#figures tbody tr")

    def names(self) -> list[str]:
        return self.page.locator("#figures tbody th a").all_text_contents()

    def column(self, title: str) -> list[str]:
        """The texts of a column, of figures without their signs and intervals."""
        found: list[str] = self.page.evaluate(COLUMN, title)
        return found

    def head(self, title: str) -> Locator:
        return self.page.locator("#figures thead th").filter(has_text=re.compile(f"^{title} [↑↓]"))

    def sort(self, title: str, direction: str) -> None:
        self.head(title).get_by_role("button").click()
        self.is_sorted(title, direction)

    def is_sorted(self, title: str, direction: str) -> None:
        """Waits: the table lets the browser draw the click before it sorts."""
        expect(self.head(title)).to_have_attribute("aria-sort", direction)


@pytest.fixture(scope="module")
def reader(site: Path, browser: Browser) -> Iterator[Reading]:
    reading = Reading(site, browser)
    yield reading
    reading.page.close()


@pytest.fixture
def at(reader: Reading) -> Iterator[Reading]:
    reader.page.set_viewport_size({"width": 1280, "height": 900})
    reader.page.emulate_media(color_scheme="light")
    yield reader
    problems, reader.problems = reader.problems, []
    assert problems == []


def test_every_page_opens_from_the_disk_fits_on_a_phone_and_names_its_controls(at: Reading) -> None:
    at.page.set_viewport_size({"width": 320, "height": 740})
    for path in PAGES:
        at.open(f"{path}.html")
        expect(at.page.locator("h1")).to_be_visible()
        assert at.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        labels = at.page.locator("input, select, button, a").evaluate_all(UNNAMED)
        assert labels == [], path


def test_the_best_stand_first_and_a_second_click_turns_the_order(at: Reading) -> None:
    at.open()
    ranked = [text.lstrip("§") for text, rank in zip(at.column("MAE ↓"), at.column("#"), strict=True) if rank]
    assert ranked == sorted(ranked)
    assert at.column("#")[: len(ranked)][0] == "1"
    assert set(at.column("#")[len(ranked) :]) == {""}
    at.sort("maxF", "descending")
    found = at.column("maxF ↑")
    known = [text for text in found if text]
    assert known == sorted(known, reverse=True)
    assert len(known) > 80
    assert found[: len(known)] == known, "what is not known comes last"
    ranks = at.column("#")
    assert ranks[0] == "1"
    assert any(rank.endswith("=") for rank in ranks[: len(known)])
    at.sort("maxF", "ascending")
    again = at.column("maxF ↑")
    assert again[: len(known)] == sorted(known)
    assert set(again[len(known) :]) == {""}


def test_the_table_is_sorted_by_the_keyboard_alone(at: Reading) -> None:
    at.open()
    sorter = at.head("meanF").get_by_role("button")
    at.page.locator("#share").focus()
    for _ in range(8):
        at.page.keyboard.press("Tab")
        if sorter.evaluate("one => one === document.activeElement"):
            break
    expect(sorter).to_be_focused()
    assert sorter.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    at.page.keyboard.press("Enter")
    at.is_sorted("meanF", "descending")
    expect(at.page.get_by_role("status")).to_contain_text("by meanF on DUTS-TE, the best first")


def test_filters_leave_what_passes_them(at: Reading) -> None:
    at.open().page.get_by_label("Supervision", exact=True).select_option("unsupervised")
    assert set(at.column("Supervision")) == {"unsupervised"}
    expect(at.page.get_by_role("status")).to_contain_text(re.compile(r"^\d+ of 141 methods"))
    at.page.get_by_label("Year from").fill("2021")
    at.page.get_by_label("Year to").fill("2022")
    assert set(at.column("Year")) == {"2021", "2022"}
    at.page.get_by_role("button", name="Reset").click()
    at.page.get_by_label("Backbone", exact=True).select_option("Swin-L")
    assert at.names() == ["BiRefNet"]
    at.page.get_by_label("Backbone", exact=True).select_option("")
    at.page.get_by_label("Search").fill("minet salod")
    assert at.names() == ["MINet (re-implemented by SALOD)"]
    at.page.get_by_label("Search").fill("no such method")
    expect(at.rows).to_have_text("No method passes the filters.")


def test_a_filtered_view_is_shared_by_its_address(at: Reading, site: Path, browser: Browser) -> None:
    at.open().page.get_by_label("Benchmark").select_option("HKU-IS")
    at.page.get_by_label("Supervision", exact=True).select_option("full")
    at.page.get_by_label("Search").fill("net")
    at.sort("S", "descending")
    seen = at.names()
    assert 20 < len(seen) < 140
    share = at.page.get_by_role("link", name="Link to this view").get_attribute("href")
    assert share
    assert at.page.url.endswith(share)
    other = Reading(site, browser)
    other.page.goto(at.page.url)
    assert other.names() == seen
    other.is_sorted("S", "descending")
    expect(other.page.get_by_label("Search")).to_have_value("net")
    other.page.close()
    assert other.problems == []


def test_back_undoes_a_filter_a_word_and_a_sorting_and_stays_on_the_page(at: Reading) -> None:
    at.open().page.get_by_label("Benchmark").select_option("HKU-IS")
    at.page.get_by_label("Search").press_sequentially("net")
    at.sort("S", "descending")
    at.page.evaluate("history.back()")
    at.is_sorted("MAE", "ascending")
    expect(at.page.get_by_label("Search")).to_have_value("net")
    at.page.evaluate("history.back()")
    expect(at.page.get_by_label("Search")).to_have_value("")
    expect(at.page.get_by_label("Benchmark")).to_have_value("HKU-IS")
    at.page.evaluate("history.back()")
    expect(at.page.get_by_label("Benchmark")).to_have_value("DUTS-TE")
    assert "index.html" in at.page.url
    at.open("charts.html").page.get_by_label("Benchmark", exact=True).select_option("HKU-IS")
    at.page.evaluate("history.back()")
    expect(at.page.get_by_label("Benchmark", exact=True)).to_have_value("ECSSD")


def test_an_address_that_makes_no_sense_gives_the_first_view(at: Reading) -> None:
    at.open("index.html#benchmark=<b>&measure=none&sort=x&order=up&from=abc&q")
    assert len(at.names()) == 141
    at.is_sorted("MAE", "ascending")


def test_measured_only_shows_figures_of_sodeval_alone_each_with_its_interval(at: Reading) -> None:
    at.open().page.get_by_label("Measured here only").check()
    expect(at.page.get_by_label("Benchmark")).to_have_value("ECSSD")
    expect(at.page.get_by_label("Convention", exact=True)).to_have_value("measured")
    assert "DEDecoder tiny" in at.names()
    assert "MINet" not in at.names()
    assert at.page.locator("#figures .cell").count() > at.page.locator("#figures .interval").count() > 30
    expect(at.page.locator("#figures .interval").first).to_have_text(re.compile(r"^\.\d{3}\W\.\d{3}$"))
    at.page.get_by_label("Parameters up to, M").fill("1")
    assert set(at.names()) == {"CSNet-L-x2", "FT (bdstr's own code)", "RBD (bdstr's own code)", NASTY}


def test_two_conventions_never_share_a_ranking(at: Reading) -> None:
    at.open("index.html#benchmark=DUTS-TE&measure=maxF&convention=all")
    firsts = at.page.locator("#figures .mark1").evaluate_all(
        "all => all.map((one) => one.closest('td').cellIndex)"
    )
    assert sorted(set(firsts)) == [2, 3, 4, 5]
    heads = at.page.locator("#figures thead th.figure small").all_text_contents()
    assert [head.strip() for head in heads] == [
        *("usual", "best-per-image", "lower-maxF", "unstated: InSPyReNet, issue 34")
    ]


def test_a_benchmark_without_figures_of_the_convention_changes_the_convention(at: Reading) -> None:
    at.open().page.get_by_label("Benchmark").select_option("SOD")
    expect(at.page.get_by_label("Benchmark")).to_have_value("SOD")
    expect(at.page.get_by_label("Convention", exact=True)).to_have_value("measured")
    assert set(at.names()) == {"Amulet", "DSS", "PiCANet", "Other"}


def test_measured_neighbours_that_cannot_be_told_apart_are_shown_as_tied(at: Reading) -> None:
    at.open("index.html#benchmark=SOD&measure=maxF")
    assert at.names() == ["PiCANet", "DSS", "Amulet", "Other"]
    assert at.column("#") == ["1=", "1=", "3", ""]
    assert at.column("maxF ↑ known masks") == ["=.811", "=.804", ".773", ""]


def test_who_is_behind_the_first_beyond_chance_does_not_share_its_rank(at: Reading) -> None:
    at.open("index.html#benchmark=SOD&measure=meanF")
    assert at.names() == ["DSS", "PiCANet", "Amulet", "Other"]
    assert at.column("#") == ["1=", "1=", "3=", ""]


def test_unknown_masks_are_shown_apart_behind_the_known_ones_and_called_so(at: Reading) -> None:
    at.open("index.html#convention=measured&benchmark=SOD")
    heads = at.page.locator("#figures thead th.figure small").all_text_contents()
    assert [" unknown masks cc7dd0be" in head for head in heads] == [False] * 11 + [True] * 11
    expect(at.page.get_by_role("status")).to_contain_text(
        "Unknown masks cc7dd0be of SOD are no copy that we know"
    )
    expect(at.page.get_by_role("status")).not_to_contain_text("Not shown")
    at.page.get_by_label("Search").fill("Other")
    assert at.names() == ["Other"]
    at.open("charts.html#benchmark=SOD&convention=measured")
    expect(at.page.locator("#said")).to_contain_text("3 methods have MAE on SOD")
    expect(at.page.locator("#said")).to_contain_text("1 under sodeval pysodmetrics, unknown masks cc7dd0be")
    expect(at.page.locator("#year svg a")).to_have_count(3)
    for name in ("pr", "f"):
        names = at.page.locator(f"#{name} li").all_text_contents()
        assert names == ["Amulet", "DSS", "PiCANet", "Other (unknown masks cc7dd0be)"]


def test_what_no_paper_vouches_for_and_nobody_verified_is_told_without_a_click(at: Reading) -> None:
    at.open("index.html#benchmark=DUTS-TE&measure=MAE&q=refnet")
    assert at.column("MAE ↓") == ["§.018"]
    expect(at.page.get_by_role("link", name="on a page that collects figures")).to_be_visible()
    expect(at.page.locator("#said")).to_contain_text("§: on a page that collects figures, not in the paper")
    expect(at.page.locator(".lead")).to_contain_text("Not verified: venue, year, backbone")


def test_where_sources_disagree_the_spread_and_its_sources_open_by_the_keyboard(at: Reading) -> None:
    at.open("index.html#benchmark=DUT-OMRON&measure=MAE&q=minet")
    button = at.page.get_by_role(
        "button", name=re.compile(r"^MINet, MAE: sources disagree: \.05\d to \.05\d$")
    )
    button.focus()
    at.page.keyboard.press("Enter")
    more = at.page.get_by_role("dialog", name="MINet: MAE on DUT-OMRON")
    expect(more).to_contain_text("Sources disagree")
    expect(more.locator("#more-title")).to_be_focused()
    links = more.get_by_role("link").evaluate_all("all => all.map((one) => one.href)")
    assert len(links) > 3
    assert all(link.startswith("https://") for link in links)
    at.page.keyboard.press("Escape")
    expect(more).to_be_hidden()
    expect(button).to_be_focused()


def test_a_suspect_figure_is_shown_with_its_reason_and_never_ranked(at: Reading) -> None:
    at.open("index.html#benchmark=DUTS-TE&measure=MAE&q=mws")
    at.page.get_by_role("button", name=re.compile("^MWS, MAE")).click()
    expect(at.page.get_by_role("dialog")).to_contain_text("suspect: ten times the figure of other sources")
    at.open("index.html#benchmark=DUT-OMRON&measure=MAE&q=10 points")
    struck = at.page.locator("tr", has=at.page.locator("s.suspect"))
    expect(struck).to_have_count(1)
    expect(struck.locator("td").first).to_have_text("")
    assert at.names()[-1] == struck.locator("th a").inner_text()


def test_what_means_harm_is_shown_as_text(at: Reading) -> None:
    at.open("index.html#benchmark=ECSSD&measure=MAE")
    assert at.names()[0] == NASTY
    at.page.get_by_role("button", name=NASTY).first.click()
    expect(at.page.locator("#more-title")).to_contain_text(NASTY)
    at.page.get_by_role("button", name="Close").click()
    page = at.page.get_by_role("link", name=NASTY).get_attribute("href")
    at.open(f"{page}")
    expect(at.page.locator("h1")).to_have_text(NASTY)
    expect(at.page.locator("main")).to_contain_text(f"https://example.org/{NASTY}")
    at.open("charts.html#benchmark=ECSSD&convention=measured")
    expect(at.page.locator("#pr li").last).to_be_visible()
    assert NASTY in at.page.locator("#pr li").all_text_contents()
    side_by_side = "index.html#benchmark=ECSSD&measure=F&convention=all"
    for path in (page, side_by_side, "charts.html", "conventions.html"):
        at.open(f"{path}")
        assert at.page.locator(HARM).count() == 0


def test_charts_are_drawn_of_what_is_chosen_and_lead_to_the_methods(at: Reading) -> None:
    at.open("charts.html")
    for name in ("year", "benchmarks", "pr", "f"):
        assert at.page.locator(f"#{name} svg[aria-label] path").count() > 2, name
    assert at.page.locator("#year svg a").count() > 100
    mark = at.page.get_by_role("link", name=re.compile(r"^MINet: 2020, \.033"))
    assert mark.first.get_attribute("href") == "methods/minet.html"
    at.page.get_by_label("Benchmark", exact=True).select_option("HKU-IS")
    expect(at.page.locator("#parameters")).to_contain_text("the parameters are known")
    expect(at.page.locator("#pr")).to_have_text("Nothing was measured on HKU-IS; choose SOD or ECSSD.")
    at.page.get_by_label("Convention").select_option("measured")
    expect(at.page.locator("#parameters svg a")).to_have_count(4)
    expect(at.page.locator("#benchmarks")).to_have_text("No method has both figures.")
    assert "convention=measured" in at.page.url
    table = at.page.get_by_role("link", name="The same as a table").get_attribute("href")
    at.open(f"{table}")
    assert len(at.names()) == 6


def test_of_two_benchmarks_the_best_stand_above_on_the_right_where_lower_is_better(at: Reading) -> None:
    at.open("charts.html#benchmark=ECSSD&other=DUTS-TE&convention=usual&measure=MAE")
    marks = [
        at.page.locator("#benchmarks").get_by_role("link", name=re.compile(f"^{name}: ")).first
        for name in ("M3Net-S", "WSSA")
    ]
    best, worse = (mark.bounding_box() for mark in marks)
    assert best
    assert worse
    assert best["x"] > worse["x"]
    assert best["y"] < worse["y"]


def test_where_no_parameters_are_known_a_link_leads_to_those_that_are(at: Reading) -> None:
    at.open("charts.html#benchmark=HKU-IS")
    at.page.get_by_role("link", name="Show those measured on ECSSD").click()
    expect(at.page.locator("#parameters svg a").first).to_be_visible()
    expect(at.page.get_by_label("Convention")).to_have_value("measured")


def test_a_measured_method_shows_its_curves_its_run_and_its_proof(at: Reading) -> None:
    at.open("methods/csnet-l-x2.html")
    expect(at.page.locator("[data-curves] svg")).to_have_count(2)
    expect(at.page.locator("main")).to_contain_text("cd8f6c997a58ebdc")
    proof = at.page.get_by_role("link", name="a value an image, and the curves").get_attribute("href")
    assert (at.site / "methods" / f"{proof}").resolve().is_file()


def test_in_the_dark_the_paper_is_dark_and_the_words_stand_out(at: Reading) -> None:
    at.page.emulate_media(color_scheme="dark")
    for path in ("index.html", "charts.html"):
        at.open(path)
        assert at.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 21, 23)"
        tips = at.page.locator(".drawing svg").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).getPropertyValue('--plot-background').trim())"
        )
        assert set(tips) <= {"#141517"}


def test_the_first_page_is_light_and_quick(at: Reading) -> None:
    for _ in range(6):  # whoever shares the processors is not measured
        at.open()
        if (took_ms := at.page.evaluate(LOADED)) < 1_000:
            break
    assert took_ms < 1_000, "milliseconds until the table can be used"
    scripts = at.page.locator("script[src]").evaluate_all("all => all.map((one) => one.getAttribute('src'))")
    weight = sum((at.site / name).stat().st_size for name in ("index.html", "static/site.css", *scripts))
    assert weight < 1_500_000, "bytes"
