"""The command ``sodeval``: a group whose commands are imported when they are called."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys

import click

from ._version import __version__
from .errors import EXIT_OK, EXIT_REFUSED, SodevalError, did_you_mean

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


class _ReaderGoneError(Exception):
    """Stands for `BrokenPipeError`, which click would turn into exit code 1."""


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

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error

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
    _make_streams_safe()
    sys.exit(_run())


def _make_streams_safe() -> None:
    """What the encoding of a stream lacks is printed by number; a stream that was closed swallows all."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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
        resumed = sys.argv[1:2] == ["run"]
        hint = "; with --out a second run goes on where this one stopped" if resumed else ""
        return _say(f"interrupted{hint}", INTERRUPTED)
    except (BrokenPipeError, _ReaderGoneError):
        return _end_quietly()
    except OSError as error:
        return _say(f"{error.filename or 'standard output'}: {error.strerror or error}", EXIT_REFUSED)
    except Exception as error:
        if os.environ.get("SODEVAL_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        return _say(f"a fault of sodeval itself ({what}); SODEVAL_DEBUG=1 shows where", INTERNAL_ERROR)


def _end_quietly() -> int:
    """The reader of our output has gone, as with `| head`: that is no fault, nor is what it did not read."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_OK


def _say(message: str, code: int) -> int:
    from .outputs.layout import printable

    for line in f"Error: {message}".splitlines():  # a file's name may hold what a terminal would act on
        click.echo(printable(line), err=True)
    return code


if __name__ == "__main__":
    main()
