"""``bdstr annotate``: people write what stands out in photographs."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click

from ..annotate.keys import skip_key_of
from ..annotate.order import Order, arrange, choose, with_repeats
from ..annotate.session import Session
from ..annotate.store import Store
from ..folder import find_items
from .running import refuse_inside, say_notes

SHARE = click.FloatRange(0, 1, min_open=True)


@click.command()
@click.argument("images", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="JSON lines.")
@click.option("--fraction", type=SHARE, default=1.0, show_default=True, help="Only this share, by chance.")
@click.option("--seed", type=int, default=7, show_default=True, help="Which share, and in which order.")
@click.option(
    "--prefill",
    "prefills",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Texts to start from, JSON lines of key, text and perhaps score and model; of several the first.",
)
@click.option(
    "--order",
    type=click.Choice(get_args(Order)),
    default="random",
    show_default=True,
    help="doubt: first where the prefills differ, or their score is low.",
)
@click.option(
    "--repeat",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Ask for this share twice: whether the answers agree is said at the end.",
)
@click.option("--skipped", is_flag=True, help="Ask again for what was skipped.")
@click.option("--who", help="Your name, said in every answer; else the one you are logged in by.")
@click.option("--skip-key", default="Ctrl+Enter", show_default=True, help="E.g. Escape or F2.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets others in by the token.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: a free one.")
@click.option("--open/--no-open", "open_", default=True, show_default=True, help="Open the page at once.")
def annotate(
    images: Path,
    out: Path,
    fraction: float,
    seed: int,
    prefills: tuple[Path, ...],
    order: Order,
    repeat: float,
    skipped: bool,
    who: str | None,
    skip_key: str,
    host: str,
    port: int,
    open_: bool,
) -> None:
    """Write what stands out in photographs, one after another, on a page in your browser.

    Enter accepts, Ctrl+Enter skips, Ctrl+Z takes back. Every answer is on the disk before the next
    photograph; called again, it goes on at the first one without an answer. Ctrl-C in the terminal ends it.

    \b
    Examples:
      bdstr annotate photos --out texts.jsonl --fraction 0.15
      bdstr annotate photos --out mine.jsonl --prefill captions.jsonl --order doubt --who Ada
    """
    from ..stages.annotations import read_annotations
    from .serving import listen, say_end, say_start, serve

    refuse_inside(out, images)
    key_pressed = skip_key_of(skip_key)
    proposals = [read_annotations(path) for path in prefills]
    found = find_items(images)
    photographs = {item.key: item.image for item in found.items}
    asks = with_repeats(arrange(choose(photographs, fraction, seed), order, proposals), repeat, seed)
    store = Store(out)
    try:
        session = Session(asks, store, who or _login(), _now, _first_of(proposals), skipped)
        server = listen(host, port, session, photographs, key_pressed)
        say_notes(found)
        say_start(store, found.unusable)
        serve(server, open_)
    finally:
        store.close()
    say_end(session.count(), session.answers(), out)


def _first_of(proposals: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, Mapping[str, Any]]:
    """Key -> what the first file with a text for it says."""
    return {key: entry for model in reversed(proposals) for key, entry in model.items() if entry.get("text")}


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # as in a container without accounts
        return ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
