"""Which commit a branch on the Hub stands for, as the real client learns it."""

from __future__ import annotations

import subprocess

from clients import WITHOUT_WAITING, Client
from server import Hub
from store import File, Repo

ASK = f"""
{WITHOUT_WAITING}
import sys
from bdstr.errors import RecipeError
from bdstr_builders.pinning import commit_of

for line in sys.stdin:
    try:
        print(commit_of(*line.split()), flush=True)
    except RecipeError as error:
        print(error, flush=True)
"""


def test_a_branch_is_the_commit_that_it_stands_for_now_or_an_error(hub: Hub, ann: Client) -> None:
    repo = hub.store.repos["model", "lab/sam"] = Repo("model", "lab/sam", False)
    with ann.start(ASK, stdin=subprocess.PIPE) as process:

        def ask(model: str, revision: str) -> str:
            process.stdin.write(f"{model} {revision}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        first = repo.commit({"config.json": File(b"{}")}, set())
        assert ask("lab/sam", "main") == first
        second = repo.commit({"weights.txt": File(b"other")}, set())
        assert ask("lab/sam", "main") == second
        asked = len(hub.log)
        assert ask("lab/sam", first) == first
        assert len(hub.log) == asked
        assert ask("lab/none", "main").startswith("lab/none at main: which commit that is cannot be found (")
        assert ask("lab/sam", "v9").startswith("lab/sam at v9: which commit that is cannot be found (")
        hub.break_after(requests=0)
        assert ask("lab/sam", "main").startswith("lab/sam at main: which commit that is cannot be found (")
        assert ask("lab/sam", second) == second
    assert process.returncode == 0
