"""The command ``sodeval``: a group whose commands are imported when they are called."""

from __future__ import annotations

import importlib
import os
import signal
import sys

import click

from ._version import __version__
from .errors import EXIT_REFUSED, SodevalError, did_you_mean

INTERRUPTED = 130
TERMINATED = 143
INTERNAL_ERROR = 70

COMMANDS = {
    "run": "sodeval.commands.run:run",
    "check": "sodeval.commands.check:check",
    "verify": "sodeval.commands.verify:verify",
    "compare": "sodeval.commands.compare:compare",
    "explain": "sodeval.commands.explain:explain",
    "plot": "sodeval.commands.plot:plot",
    "benchmarks": "sodeval.commands.benchmarks:benchmarks",
    "demo": "sodeval.commands.demo:demo",
}
"""Command -> where it is; in the order in which help lists them."""

SUMMARIES = {
    "run": "Score saliency maps.",
    "check": "List everything that is wrong with the files, without scores.",
    "verify": "Score a random sample again with PySODMetrics.",
    "compare": "Tell whether two methods differ by more than chance.",
    "explain": "Show how the scores change with each convention.",
    "plot": "Draw the curves of one or more reports.",
    "benchmarks": "List the benchmarks that sodeval knows.",
    "demo": "Score two classical methods on a few photographs.",
}
"""Beside `COMMANDS`, so that help imports none of them."""


class LazyGroup(click.Group):
    """A group that knows its commands by name alone."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command; an unknown one is refused with the nearest that there is."""
        if name not in COMMANDS:
            context.fail(f"no command {name!r}{did_you_mean(name, COMMANDS)}")
        module, function = COMMANDS[name].split(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sodeval")
def cli() -> None:
    """Exact, fast evaluation of saved saliency maps.

    Exit codes: 0 scored, 2 the call makes no sense, 3 input refused.

    \b
    Example:
      sodeval run --gt ECSSD/gt --pred Mine=out/ECSSD --out report
    """


def main() -> None:
    """The entry point: every error becomes one message and an exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: workers do the parallel part
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # so that workers are ended in good order
    sys.exit(_run())


def _run() -> int:
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SodevalError as error:
        return _say(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted; with --out a second run goes on where this one stopped", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _say(f"{error.filename or 'the system'}: {error.strerror or error}", EXIT_REFUSED)
    except Exception as error:
        if os.environ.get("SODEVAL_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        return _say(f"a fault of sodeval itself ({what}); SODEVAL_DEBUG=1 shows where", INTERNAL_ERROR)


def _say(message: str, code: int) -> int:
    click.echo(f"Error: {message}", err=True)
    return code


if __name__ == "__main__":
    main()
