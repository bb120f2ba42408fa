"""The digest of a dataset's content: other for other files, and for nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bdstr.content import content_of, digest_of

NAMES = [f"{split}-{number:05}-of-00002.parquet" for split in ("train", "validation") for number in (0, 1)]
FILES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([b"", b"a", b"b"]))


def content(files: dict[str, bytes]) -> str:
    return content_of({name: digest_of(data) for name, data in files.items()})


@given(FILES, FILES)
def test_it_is_equal_for_equal_names_and_bytes_alone_in_whatever_order(
    one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    assert (content(one) == content(other)) is (one == other)
    assert content(dict(reversed(one.items()))) == content(one)


def test_it_is_one_that_anybody_can_compute_without_bdstr() -> None:
    # b2sum --length=128 *.parquet | b2sum --length=128, in data/
    assert digest_of(b"") == "cae66941d9efbd404e4d88758ea67670"
    assert content({"b": b"", "a": b""}) == "ad739b907642133433e62364c8b3fdd4"
