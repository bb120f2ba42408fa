"""The site as files: whole, harmless, quick, and a folder that is one or the other."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from bdstr.errors import BoardError
from bdstr_leaderboard.board import Board, packaged, read_board
from bdstr_leaderboard.commands.build import build
from bdstr_leaderboard.entry import read_entry
from bdstr_leaderboard.published import COLUMNS
from bdstr_leaderboard.site.addresses import addresses_of
from bdstr_leaderboard.site.build import MARKER, build_site
from bdstr_leaderboard.site.effects import explained, gaps
from bdstr_leaderboard.site.folder import write_site
from bdstr_leaderboard.standings import standings
from sodeval.errors import OutputError

HEAD = ",".join(COLUMNS)


def folder(tmp_path: Path, *lines: str) -> Path:
    """A board's folder with these lines of published.csv."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "published.csv").write_text("\n".join([HEAD, *lines]) + "\n", "utf-8")
    return data


def line(name: str, value: str = ".05", suspect: str = "", convention: str = "usual") -> str:
    told = f"{name},,full,,,,2020,ECSSD,MAE,MAE,{value},authors,{convention},{suspect}"
    return f"{told},https://example.org,Table 1,"


class Links(HTMLParser):
    """Where a page leads, and what it loads."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


BUILD = """
import sys, time
from pathlib import Path
from bdstr.cli import cli
cli(["leaderboard", "build", "--out", sys.argv[1]], standalone_mode=False)
status = Path("/proc/self/status")
print(time.process_time(), status.read_text().split("VmHWM:")[1].split()[0] if status.exists() else 0)
"""
"""The peak is its own: what `wait4` tells of a child begins with the memory of its parent."""


class Built(NamedTuple):
    out: Path
    seconds: float
    peak_kb: int


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site of what comes with bdstr, as the command makes it, and what that took."""
    out = tmp_path_factory.mktemp("built") / "site"
    done = subprocess.run([sys.executable, "-c", BUILD, str(out)], capture_output=True, text=True, check=True)
    said, took = done.stdout.splitlines()
    assert "figures" in said
    seconds, peak_kb = took.split()
    return Built(out, float(seconds), int(peak_kb))


def test_all_that_was_published_is_built_in_five_seconds_and_500_mb(site: Built) -> None:
    assert site.seconds < 5, "of one processor"
    assert site.peak_kb < 500_000  # 0 where there is no /proc


def test_every_link_leads_to_a_file_of_the_site(site: Built) -> None:
    out = site.out
    listed = json.loads((out / MARKER).read_bytes())["files"]
    pages = [name for name in listed if name.endswith(".html")]
    assert len(pages) > 150
    for name in pages:
        for target in Links((out / name).read_bytes()).found:
            if not target.startswith(("https://", "http://", "#", "data:")):
                assert normpath(join(dirname(name), target.partition("#")[0])) in listed, (name, target)


def test_no_figure_has_more_than_three_decimals(site: Built) -> None:
    out = site.out
    for name in ("conventions.html", "record.html", "methods/csnet-l-x2.html", "methods/minet.html"):
        words = re.findall(r">([^<>]+)<", (out / name).read_text("utf-8"))
        assert not [text for text in words if re.search(r"(^|[^\d.])0?\.\d{4,}", text)], name
    for name in ("board.js", "curves.js"):
        assert re.search(r"[\[,]0\.\d{4,}[,\]]", (out / name).read_text("utf-8")) is None, name


def test_equal_boards_give_equal_sites(tmp_path: Path) -> None:
    board = read_board(folder(tmp_path, line("A"), line("B")))
    assert build_site(board) == build_site(Board(board.figures, board.entries))


def test_names_that_differ_in_signs_alone_have_pages_of_their_own(tmp_path: Path) -> None:
    board = read_board(folder(tmp_path, line("A"), line("A+"), line("A-2"), line("+")))
    pages = addresses_of(board)
    assert len(set(pages.values())) == len(pages) == 4
    site = build_site(board)
    for title, path in pages.items():
        assert f"<h1>{title}</h1>" in site[path].decode()


def test_a_name_as_long_as_the_board_takes_has_a_page_and_a_longer_one_stops_nothing(tmp_path: Path) -> None:
    board = read_board(folder(tmp_path, line("x" * 120), line("y" * 260), line("\u65e5"), line("\u672c")))
    write_site(build_site(board), tmp_path / "site")
    assert len({path.name for path in (tmp_path / "site" / "methods").iterdir()}) == 3
    assert [each.place for each in board.left_out] == ["published.csv, line 3"]


def test_a_site_of_one_figure_and_of_none_measured_is_whole(tmp_path: Path) -> None:
    site = build_site(read_board(folder(tmp_path, line("A"))))
    assert {"index.html", "charts.html", "conventions.html", "record.html", "board.js", MARKER} <= site.keys()
    assert site["curves.js"] == b"globalThis.curves = {};\n"


def test_no_text_becomes_markup_or_ends_a_script(tmp_path: Path) -> None:
    nasty = "</script><img src=x>"
    data = folder(tmp_path, line(nasty, suspect=nasty), f"{nasty},bad line")
    (data / "amendments.csv").write_text(
        "date,method,benchmark,measure,source_url,action,value,reason\n"
        f"2026-01-01,{nasty},ECSSD,MAE,https://example.org,removed,,{nasty}\n"
    )
    board = read_board(data)
    assert board.amended
    assert board.left_out
    for name, content in build_site(board).items():
        if not name.startswith("vendor/"):
            assert b"<img" not in content, name


def test_what_is_doubted_changed_or_left_out_stands_on_record(tmp_path: Path) -> None:
    data = folder(tmp_path, line("A", suspect="a digit may be lost"), line("B"), line("C", "7"), line("D"))
    (data / "amendments.csv").write_text(
        "date,method,benchmark,measure,source_url,action,value,reason\n"
        "2026-01-01,B,ECSSD,MAE,https://example.org,corrected,.04,authors say so\n"
        "2026-01-02,D,ECSSD,MAE,https://example.org,removed,,withdrawn\n"
    )
    (data / "unknown.csv").write_text(
        "method,variant,supervision,year,paper,reason\n"
        "E,,full,2025,https://example.org/e,no figure could be read\n"
    )
    record = build_site(read_board(data))["record.html"].decode()
    for said in (
        "no figure could be read",
        "a digit may be lost",
        "authors say so",
        "withdrawn",
        "published.csv, line 4",
        "found &#x27;7&#x27;",
    ):
        assert said in record
    assert re.findall(r"<h2>(\w+ ?\w*) \((\d+)\)", record) == [
        ("Suspect", "1"),
        ("Amended", "2"),
        ("Without figures", "1"),
        ("Left out", "1"),
    ]


def test_the_command_says_what_it_left_out(tmp_path: Path) -> None:
    data = folder(tmp_path, line("A"), line("B", "7"), line("C", "\x1b[2J"))
    done = CliRunner().invoke(build, ["--out", str(tmp_path / "site"), "--data", str(data)])
    assert done.exit_code == 0
    assert "left out: published.csv, line 3: value: found '7'" in done.stderr
    assert "\x1b" not in done.stderr
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_folder_of_others_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(BoardError, match=r"holds thesis\.tex, which is no file of a site of ours"):
        write_site({"index.html": b"", MARKER: b"{}"}, tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_a_file_that_somebody_put_into_a_site_is_not_thrown_away(tmp_path: Path) -> None:
    site = {"index.html": b"1", MARKER: b'{"files": ["index.html"]}'}
    write_site(site, tmp_path / "site")
    (tmp_path / "site" / "notes.txt").write_text("mine")
    with pytest.raises(BoardError, match=r"notes\.txt"):
        write_site(site, tmp_path / "site")


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    with pytest.raises(BoardError, match="is a file"):
        write_site({}, tmp_path / "site")


def test_a_site_replaces_the_one_before_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_site({"old.html": b"", MARKER: b'{"files": ["old.html"]}'}, tmp_path / "site")
    write_site({"methods/new.html": b"", MARKER: b'{"files": ["methods/new.html"]}'}, tmp_path / "site")
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert found == ["site/methods/new.html", f"site/{MARKER}"]


def test_a_site_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    before = {"index.html": b"before", MARKER: b'{"files": ["index.html"]}'}
    write_site(before, tmp_path / "site")
    with pytest.raises(OutputError, match="choose a shorter path"):
        write_site({"index.html": b"after", "x" * 300: b""}, tmp_path / "site")
    assert (tmp_path / "site" / "index.html").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_a_convention_does_was_measured_on_the_maps_of_the_entry() -> None:
    one = explained()
    entry = read_entry(packaged() / "entries" / "csnet-l-x2--ecssd.json")
    assert entry.method.title == one.method
    assert (entry.benchmark, len(entry.keys), entry.protocol) == (one.benchmark, one.images, one.protocol)
    assert one.scores == pytest.approx(entry.scores, abs=1e-6)
    pr = next(change for change in one.changes if change.change == "f_aggregation pr")
    assert pr.differences["maxF"] == pytest.approx(entry.scores["maxF_pr"] - entry.scores["maxF"], abs=1e-6)


def test_gaps_are_taken_from_methods_of_both_conventions_alone(tmp_path: Path) -> None:
    both = [line(name, f".{30 + i}") for i, name in enumerate("ABC")]
    lower = [line(name, f".{20 + 2 * i}", convention="aste-al") for i, name in enumerate("ABC")]
    odd = [
        line("D"),
        line("E", convention="aste-al"),
        line("F", suspect="?"),
        line("F", convention="aste-al"),
    ]
    board = read_board(folder(tmp_path, *both, *lower, *odd))
    (gap,) = gaps(board, {column: standings(board, column) for column in board.columns})
    assert gap.conventions == ("usual", "aste-al")
    assert gap.differences == pytest.approx([-0.10, -0.09, -0.08])
    assert gap.middle == pytest.approx(-0.09)


def test_what_comes_from_others_is_what_its_list_says_with_its_licence() -> None:
    vendor = resources.files("bdstr_leaderboard.site") / "vendor"
    listed = re.findall(
        r"^\| `([\w.]+)` .*\]\((.*)\) \| `(\w+)` \|$", (vendor / "README.md").read_text(), re.M
    )
    scripts = {file.name for file in vendor.iterdir() if file.name.endswith(".js")}
    assert {name for name, _, _ in listed} == scripts
    for name, licence, digest in listed:
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
        assert "ermission" in (vendor / licence).read_text()
