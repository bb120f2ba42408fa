"""The pages as a site: nothing is left out, no link leads nowhere, nothing is asked of any server."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import pytest
from page_steps import FENCE, ROOT
from playwright.sync_api import sync_playwright

HEADING = re.compile(r"^#+ (?P<title>.*)$", re.MULTILINE)
REFERENCE = re.compile(r"^::: (?P<name>\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def site() -> ModuleType:
    """docs/pages.py, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("docs_pages", ROOT / "docs" / "pages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(page: str) -> set[str]:
    """Those that the headings of a page get, on the site and where the repository is shown."""
    text = FENCE.sub("", (ROOT / page).read_text("utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", match["title"]).strip().lower().replace(" ", "-")
        for match in HEADING.finditer(text)
    }


def broken(site: ModuleType, text: str, page: str) -> Iterator[str]:
    for match, target in site.links(FENCE.sub("", text), PurePosixPath(page)):
        if not (ROOT / target).is_file():
            yield f"{match['target']}: no such file"
        elif match["anchor"] and match["anchor"][1:] not in anchors(str(target)):
            yield f"{match['target']}{match['anchor']}: no such heading"


def test_no_link_leads_nowhere(site: ModuleType) -> None:
    found = {
        str(page): list(broken(site, (ROOT / page).read_text("utf-8"), str(page))) for page in site.pages()
    }
    assert {page: links for page, links in found.items() if links} == {}


@pytest.mark.parametrize(
    "link", ["[a](nowhere.md)", "[a](model.md#nowhere)", '<img src="images/nowhere.png">']
)
def test_a_link_that_leads_nowhere_is_found(site: ModuleType, link: str) -> None:
    assert len(list(broken(site, link, "docs/index.md"))) == 1


def nav_pages(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        for where in entry.values():
            yield from nav_pages(where) if isinstance(where, list) else [where]


def test_every_page_is_in_the_navigation(site: ModuleType) -> None:
    project = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
    assert sorted(nav_pages(project["nav"])) == sorted(str(site.place(page)) for page in site.pages())


def test_links_are_rewritten_to_where_things_lie_on_the_site(site: ModuleType) -> None:
    text = "[a](../README.md#speed) ![b](images/b.png) [c](../bdstr/rle.py) [d](https://a.org/x.md) [e](#e)"
    there = (
        "[a](readme.md#speed) ![b](images/b.png) [c](files/bdstr/rle.py.txt) [d](https://a.org/x.md) [e](#e)"
    )
    assert site.rewritten(text, PurePosixPath("docs/x.md")) == there


@pytest.mark.parametrize(
    ("page", "module"), [("sodeval", "sodeval"), ("bdstr", "bdstr"), ("model", "bdstr.model")]
)
def test_the_reference_holds_every_public_name(page: str, module: str) -> None:
    public = {f"{module}.{name}" for name in exported(module) if name[0] != "_"}
    assert set(references(page)) == public - {"bdstr.model.register"}


@pytest.mark.parametrize("page", ["builder", "leaderboard"])
def test_the_reference_names_what_there_is(page: str) -> None:
    for name in references(page):
        module, _, attribute = name.rpartition(".")
        assert getattr(importlib.import_module(module), attribute).__doc__, name


def exported(module: str) -> list[str]:
    """Its ``__all__``, read without an import: that of torch takes longer than all tests here."""
    room = "evaluation" if module == "sodeval" else "."
    file = ROOT / room / Path(*module.split(".")) / "__init__.py"
    tree = ast.parse(file.read_text("utf-8"))
    [names] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return list(ast.literal_eval(names))


def references(page: str) -> list[str]:
    text = (ROOT / "docs" / "api" / f"{page}.md").read_text("utf-8")
    return [match["name"] for match in REFERENCE.finditer(text)]


@pytest.fixture(scope="module")
def built() -> Path:
    """The site, built with every warning an error."""
    if importlib.util.find_spec("zensical") is None or shutil.which("chromium") is None:
        pytest.skip("the extra `docs` or chromium is not installed: `make docs`")
    command = [sys.executable, str(ROOT / "docs" / "pages.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "site-docs"


def test_the_site_asks_nothing_of_a_server_and_searches_from_the_disk(built: Path) -> None:
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for file in sorted(built.rglob("*.html")):
            if file.name != "404.html":  # of servers alone: it names its parts from their root
                page.goto(file.as_uri())
        page.goto((built / "index.html").as_uri())
        page.keyboard.press("Control+k")
        page.keyboard.type("grabcut", delay=50)
        page.get_by_text("results").first.wait_for(timeout=10_000)
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    assert json.loads((built / "search.json").read_text())["items"]
