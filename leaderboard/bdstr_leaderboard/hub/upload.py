"""The board to the Hub: three repositories, planned from the board alone, then sent as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bdstr.errors import HubError, UsageError
from bdstr.hub_repo import Kind, commit, repository
from sodeval.benchmarks import all_benchmarks

from ..board import Board
from .cards import Names, benchmarks_card, results_card, space_card
from .tables import benchmarks_parquet, figures_parquet
from .tasks import EVAL_YAML, eval_yaml

if TYPE_CHECKING:
    from huggingface_hub import HfApi

CARD, START = "README.md", "index.html"
FIGURES_FILE, BENCHMARKS_FILE = "figures.parquet", "benchmarks.parquet"
OF_THE_HUB = frozenset({".gitattributes", "style.css"})
"""What a new repository may hold before anybody uploads."""


@dataclass(frozen=True, slots=True)
class RepoUpload:
    """What goes to one repository.

    Args:
        repo: ``ORG/NAME``.
        kind: of the repository.
        files: path -> content; the last are uploaded last.
        beside_others: of the files, those that are uploaded where the repository holds files of others, which
            then stay as they are. Where this is empty, such a repository is refused.
    """

    repo: str
    kind: Kind
    files: Mapping[str, bytes]
    beside_others: frozenset[str] = frozenset()

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.files)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of the files, in bytes."""
        return tuple(map(len, self.files.values()))


def names_of(space: str, results: str | None = None, benchmarks: str | None = None) -> Names:
    """The repositories of a board: what is not named is called after the Space.

    Raises:
        UsageError: a name is none of a repository, or two are the same.

    Example:
        >>> names_of("lab/sod").results
        'lab/sod-results'
    """
    names = Names(space, results or f"{space}-results", benchmarks or f"{space}-benchmarks")
    if len({names.space, names.results, names.benchmarks}) < 3:
        raise UsageError(
            f"{names.space}, {names.results} and {names.benchmarks} are not three repositories; expected one "
            "for the pages, one for the figures, one for the benchmarks"
        )
    return names


def plan_board_upload(
    board: Board, pages: Mapping[str, bytes], names: Names
) -> tuple[RepoUpload, RepoUpload, RepoUpload]:
    """What goes to the Hub: figures, benchmarks, and then the pages, which link to both.

    Args:
        board: published and measured figures.
        pages: path -> content, of the site.
        names: of the repositories.
    """
    results = {
        FIGURES_FILE: figures_parquet(board),
        CARD: results_card(names, FIGURES_FILE, len(board.figures)).encode(),
    }
    benchmarks = {
        BENCHMARKS_FILE: benchmarks_parquet(),
        EVAL_YAML: eval_yaml(),
        CARD: benchmarks_card(names, BENCHMARKS_FILE, len(all_benchmarks())).encode(),
    }
    space = {path: pages[path] for path in sorted(pages, key=lambda path: (path == START, path))}
    return (
        RepoUpload(names.results, "dataset", results),
        RepoUpload(names.benchmarks, "dataset", benchmarks, frozenset({EVAL_YAML})),
        RepoUpload(names.space, "space", {**space, CARD: space_card(names, board).encode()}),
    )


def push_repo(upload: RepoUpload, *, private: bool = False, replace: bool = False) -> str:
    """Uploads what the Hub does not have yet; after a break, a second call goes on.

    Args:
        upload: what.
        private: for a repository that is made now.
        replace: removes files of the repository that are none of these, unless it may hold those of others.

    Returns:
        The address of the repository.

    Raises:
        HubError: no token, or one without the right to write; the repository is of another kind, or holds
            files of others; the Hub cannot be reached, or broke off.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    with repository(upload.repo, upload.kind, private) as api:
        foreign = _foreign(api, upload)
        wanted = upload.beside_others if foreign and upload.beside_others else upload.files.keys()
        removed = [] if upload.beside_others else foreign
        if removed and not replace:
            raise HubError(
                f"{upload.repo} holds {len(removed):,} files that are none of this leaderboard, e.g. "
                f"{removed[0]}: --replace removes them, or choose another name"
            )
        adds = [CommitOperationAdd(path, data) for path, data in upload.files.items() if path in wanted]
        api.preupload_lfs_files(upload.repo, adds, repo_type=upload.kind, free_memory=False)
        operations = [*map(CommitOperationDelete, removed), *adds]
        commit(api, upload.repo, upload.kind, operations, "The leaderboard")
    return f"{api.endpoint}/{upload.kind}s/{upload.repo}"


def _foreign(api: HfApi, upload: RepoUpload) -> list[str]:
    """The repository's files that are not of the upload."""
    there = set(api.list_repo_files(upload.repo, repo_type=upload.kind))
    return sorted(there - upload.files.keys() - OF_THE_HUB)
