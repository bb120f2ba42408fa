"""``python -m sodeval``, and what the command ``sodeval`` calls."""

from __future__ import annotations

import signal


def main() -> None:
    """The entry point: Ctrl-C while the command is being imported ends it, without a traceback."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else whoever started this has other plans
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .cli import main as call

    signal.signal(signal.SIGINT, before)
    call()


if __name__ == "__main__":
    main()
