"""A person at work: what is shown, what was answered, what is taken back. Knows no network and no clock."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bdstr.errors import UsageError

from .answers import Answer, Ask, Status, by_frequency, latest, one_line
from .store import Store

MOST_UNDONE = 10
MOST_COMPLETIONS = 200
MAX_CHARS = 500


@dataclass(frozen=True, slots=True)
class Count:
    """How far it is."""

    total: int
    done: int
    skipped: int

    @property
    def left(self) -> int:
        return self.total - self.done - self.skipped


class Session:
    """What to ask next, and what becomes of the answer.

    Args:
        asks: in order.
        store: where answers go.
        who: the person.
        now: the time, UTC in ISO 8601.
        proposals: key -> ``text``, and perhaps ``model``.
        skipped_again: what was skipped before is asked again.
    """

    def __init__(
        self,
        asks: Sequence[Ask],
        store: Store,
        who: str,
        now: Callable[[], str],
        proposals: Mapping[str, Mapping[str, Any]],
        skipped_again: bool = False,
    ) -> None:
        self._asks = tuple(asks)
        self._places = {ask: place for place, ask in enumerate(asks)}
        self._store, self._who, self._now, self._proposals = store, who, now, proposals
        self._lock = threading.RLock()
        self._answers = latest(store.content.answers)
        self._ask_again = {
            ask for ask, answer in self._answers.items() if answer.status == "skipped" and skipped_again
        }
        self._last = deque(_standing(store.content.answers, self._places), MOST_UNDONE)
        self._taken_back: list[Ask] = []

    def count(self) -> Count:
        """What is done, of what is to do; a photograph that was skipped is not asked for a second time."""
        with self._lock:
            asks = [ask for ask in self._places if not self._is_moot(ask)]
            states = [self._answers[ask].status for ask in asks if not self._is_open(ask)]
            return Count(len(asks), states.count("done"), states.count("skipped"))

    def answers(self) -> list[Answer]:
        """What holds now."""
        with self._lock:
            return list(self._answers.values())

    def state(self) -> dict[str, Any]:
        """All that the page shows, as JSON has it."""
        with self._lock:
            count = self.count()
            shown = self._next(2)
            return {
                "total": count.total,
                "done": count.done,
                "skipped": count.skipped,
                "shown": self._describe(shown[0]) if shown else None,
                "next": self._places[shown[1]] if len(shown) > 1 else None,
                "undo": len(self._last),
                "completions": by_frequency(self._answers.values())[:MOST_COMPLETIONS],
            }

    def answer(self, place: int, text: str, status: Status, seconds: float | None) -> None:
        """Keeps an answer; when this returns, the disk has it.

        Args:
            place: of the photograph, as `state` gave it.
            text: what it shows; empty if skipped.
            status: ``done`` or ``skipped``.
            seconds: how long it took.

        Raises:
            UsageError: no such place, or a text that cannot be one.
            OutputError: it could not be written; it counts as not given.
        """
        ask, text = self._ask_at(place), one_line(text)
        if status == "done" and not 0 < len(text) <= MAX_CHARS:
            raise UsageError(f"a text of {len(text)} characters; expected 1 to {MAX_CHARS}, or skip it")
        proposal = self._proposals.get(ask.key, {})
        given = Answer(
            key=ask.key,
            text=text if status == "done" else "",
            status=status,
            prefill=one_line(proposal["text"]) if proposal.get("text") else None,
            model=str(proposal["model"]) if proposal.get("model") else None,
            seconds=seconds,
            repeat=ask.repeat,
        )
        with self._lock:
            self._keep(given)
            self._ask_again.discard(ask)
            self._taken_back = [one for one in self._taken_back if one != ask]
            self._last = deque([one for one in self._last if one != ask] + [ask], MOST_UNDONE)

    def undo(self) -> None:
        """Takes the last answer back, and shows its photograph; does nothing where there is none.

        Raises:
            OutputError: that could not be written; the answer stands.
        """
        with self._lock:
            if not self._last:
                return
            ask = self._last[-1]
            self._keep(replace(self._answers[ask], status="undone", seconds=None, other={}))
            self._last.pop()
            self._taken_back.append(ask)

    def key_at(self, place: int) -> str:
        """The photograph at a place.

        Raises:
            UsageError: no such place.
        """
        return self._ask_at(place).key

    def _ask_at(self, place: int) -> Ask:
        if not 0 <= place < len(self._asks):
            raise UsageError(f"photograph {place}; expected 0 to {len(self._asks) - 1}: reload the page")
        return self._asks[place]

    def _keep(self, answer: Answer) -> None:
        answer = replace(answer, who=self._who, time=self._now())
        self._store.append(answer)
        self._answers[answer.ask] = answer

    def _is_open(self, ask: Ask) -> bool:
        answer = self._answers.get(ask)
        return answer is None or answer.status == "undone" or ask in self._ask_again

    def _is_moot(self, ask: Ask) -> bool:
        first = self._answers.get(Ask(ask.key))
        return ask.repeat and first is not None and first.status == "skipped"

    def _next(self, most: int) -> list[Ask]:
        """What was just taken back comes first, the last of it before the others."""
        back = self._taken_back[::-1]
        others = (
            ask for ask in self._places if self._is_open(ask) and not self._is_moot(ask) and ask not in back
        )
        return (back + [ask for ask, _ in zip(others, range(most), strict=False)])[:most]

    def _describe(self, ask: Ask) -> dict[str, Any]:
        before = self._answers.get(ask)
        proposed = one_line(self._proposals.get(ask.key, {}).get("text", ""))
        text = before.text if before is not None and before.status == "undone" else ""
        return {"place": self._places[ask], "key": ask.key, "text": text or proposed}


def _standing(answers: Sequence[Answer], places: Mapping[Ask, int]) -> list[Ask]:
    """What was answered and not taken back, in the order of the answers."""
    order: dict[Ask, None] = {}
    for answer in answers:
        order.pop(answer.ask, None)
        if answer.status != "undone" and answer.ask in places:
            order[answer.ask] = None
    return list(order)
