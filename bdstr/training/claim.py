"""Whose a run is: the process that began it last.

Two processes would write into each other's checkpoints. Where the system locks, the second is refused. Some
network drives grant a lock to everybody: there the second goes on, and the first ends at its next step.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from sodeval.outputs.atomic import write_atomically

from ..errors import RunError

FILE = ".claim"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a process holds a run by.

    Args:
        out: the folder of the run.
        token: of this process alone.
    """

    out: Path
    token: str

    @classmethod
    def on(cls, out: Path) -> Claim:
        """Takes a run over."""
        claim = cls(out, uuid.uuid4().hex)
        write_atomically(out / FILE, claim.token)
        return claim

    def refuse_lost(self) -> None:
        """Ends a process whose run another has taken over.

        Raises:
            RunError: another has.
        """
        try:
            held = (self.out / FILE).read_text("ascii")
        except (OSError, ValueError):
            held = ""
        if held != self.token:
            raise RunError(
                f"{self.out}: another `bdstr train` has begun there meanwhile; expected one at a time: that "
                "one goes on, or choose another --out"
            )
