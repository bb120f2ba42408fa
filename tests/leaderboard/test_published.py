"""published.csv: what is wrong is left out with its reason, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from boards import USUAL_LINE, write_csv, write_published

from bdstr.errors import BoardError
from bdstr_leaderboard.published import COLUMNS, read_published, read_titles

WRONG = {
    "value": [("1.2", "value: found '1.2'; expected 0 to 1"), ("nan", "found 'nan'"), ("", "found ''")],
    "benchmark": [("ECSDD", "benchmark: found 'ECSDD'; did you mean 'ECSSD'"), ("", "benchmark: found ''")],
    "measure": [("maxf", "did you mean 'maxF'?")],
    "supervision": [("fully", "did you mean 'full'?"), ("?", "known are full, scribble")],
    "origin": [("author", "did you mean 'authors'?")],
    "convention": [("usuall", "did you mean 'usual'?")],
    "source_url": [("", "a figure needs its source"), ("javascript:x", "a figure needs its source")],
    "method": [
        (" ", "name: found nothing; expected the method's name"),
        ("x" * 260, "name: found 260 letters, with the variant; expected 120 at most"),
        ("ten\u202eNIM", "method: found U+202E, which is no letter"),
    ],
    "note": [("a\u2028b", "note: found U+2028")],
    "year": [("MMXX", "year: found 'MMXX'"), ("²", "year: found '²'")],
}


@pytest.mark.parametrize(
    ("field", "text", "reason"), [(field, *case) for field, cases in WRONG.items() for case in cases]
)
def test_a_wrong_line_is_left_out_with_its_reason_and_the_others_stay(
    field: str, text: str, reason: str, tmp_path: Path
) -> None:
    table = write_published(tmp_path, {"method": "A"}, {"method": "B", field: text}, {"method": "C"})
    figures, left_out = read_published(table)
    assert [figure.method.name for figure in figures] == ["A", "C"]
    assert [each.place for each in left_out] == ["published.csv, line 3"]
    assert reason in left_out[0].reason


def test_a_byte_order_mark_and_commas_in_quoted_names_change_nothing(tmp_path: Path) -> None:
    table = write_published(tmp_path, {"method": 'Net, "the best"', "variant": "a,b"})
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    figures, left_out = read_published(table)
    assert [figure.method.title for figure in figures] == ['Net, "the best" (a,b)']
    assert not left_out


def test_a_comma_that_is_not_quoted_leaves_out_only_its_line(tmp_path: Path) -> None:
    table = write_published(tmp_path, {"method": "A"}, {"method": "B"}, {"method": "C"})
    table.write_text(table.read_text("utf-8").replace("\nB,", "\nB, the net,"), "utf-8")
    figures, left_out = read_published(table)
    assert [figure.method.name for figure in figures] == ["A", "C"]
    assert left_out[0].reason == "found 18 cells; expected 17: quote what has a comma in it"


def test_a_stray_quote_leaves_out_only_its_line(tmp_path: Path) -> None:
    table = write_published(tmp_path, {"method": "A"}, {"method": "B"}, {"method": "C"})
    table.write_text(table.read_text("utf-8").replace("\nB,", '\n"B"x,'), "utf-8")
    figures, left_out = read_published(table)
    assert [figure.method.name for figure in figures] == ["A", "C"]
    assert [each.place for each in left_out] == ["published.csv, line 3"]
    assert "quote a cell from its first letter to its last" in left_out[0].reason


def test_a_quote_that_never_ends_is_told_and_what_came_before_stays(tmp_path: Path) -> None:
    table = write_published(tmp_path, {"method": "A"}, {"method": "B"}, {"method": "C"})
    table.write_text(table.read_text("utf-8").replace("\nB,", '\n"B,'), "utf-8")
    figures, left_out = read_published(table)
    assert [figure.method.name for figure in figures] == ["A"]
    assert len(left_out) == 1


def test_the_same_figure_twice_in_one_source_counts_once(tmp_path: Path) -> None:
    table = write_published(tmp_path, {}, {"value": "0.034"}, {"source_place": "Table 2"})
    figures, left_out = read_published(table)
    assert [figure.text for figure in figures] == [".033", ".033"]
    assert "MINet, ECSSD, MAE: the same source has it further up, as .033" in left_out[0].reason


def test_a_method_that_is_described_in_two_ways_is_refused_the_second(tmp_path: Path) -> None:
    _, left_out = read_published(write_published(tmp_path, {}, {"backbone": "VGG-16", "benchmark": "SOD"}))
    assert "backbone: found 'VGG-16'; MINet has '' further up" in left_out[0].reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "found the columns nothing; expected method, variant"),
        (b"a;b\n", "found the columns a;b; expected"),
        (b'"method', "unexpected end of data"),
        (",".join(COLUMNS).encode() + b"\n\xff", "no UTF-8"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_table_that_is_none_is_refused_whole(content: bytes | None, reason: str, tmp_path: Path) -> None:
    table = tmp_path / "published.csv"
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(BoardError, match=reason):
        read_published(table)


def test_benchmarks_go_by_any_name_that_sodeval_knows(tmp_path: Path) -> None:
    ((figure,), _) = read_published(write_published(tmp_path, {"benchmark": "duts_test"}))
    assert figure.benchmark == "DUTS-TE"


def test_folder_have_short_titles_or_else_their_address(tmp_path: Path) -> None:
    sources = write_csv(
        tmp_path / "sources.csv", ("url", "title"), [{"url": "https://a", "title": "A, the paper"}]
    )
    sources.write_text(sources.read_text("utf-8") + "https://b,B,C\n", "utf-8")
    titles, left_out = read_titles(sources)
    lines = [USUAL_LINE | {"source_url": url} for url in ("https://a", "https://b")]
    figures, _ = read_published(write_csv(tmp_path / "published.csv", COLUMNS, lines), titles)
    assert [figure.source.title for figure in figures] == ["A, the paper", "https://b"]
    assert [each.place for each in left_out] == ["sources.csv, line 3"]
    sources.write_text("url,title\nhttps://a,ten\u202eNIM\n", "utf-8")
    assert "title: found U+202E" in read_titles(sources)[1][0].reason
