"""What all tests share: the real data, and the promise that CI leaves out no comparison and no fault."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from sodeval.evaluator import Evaluator
from sodeval.library import evaluate
from sodeval.protocol import Protocol

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")
NEVER_SKIPPED_IN_CI = {"shared", "parity", "fault"}
FAULTS = Path(__file__).parent / "faults"

left_out: list[str] = []

# Tests share the processors already, and torch on a processor that others use, too, gets slower by threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# In the background a shell starts pytest deaf to Ctrl-C, and so would be every process that a test starts and
# interrupts. A handler is not handed down, as being deaf is; with this one pytest stays what it was.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, lambda *_: None)

# Under pytest every call into sodeval is checked against its annotations. These refuse bad values
# with an error of their own, which is what the tests want to see.
for checks_itself in (Protocol.__init__, Evaluator.update, evaluate):
    checks_itself.__no_type_check__ = True

settings.register_profile("no_deadline", deadline=None)  # a busy machine is no failure
settings.load_profile("no_deadline")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real maps and masks beside the repository."""
    if not SHARED_DATA.is_dir():
        give_up = pytest.fail if IN_CI else pytest.skip
        give_up(f"no real data: {SHARED_DATA} does not exist")
    return SHARED_DATA


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "shared_data" in getattr(item, "fixturenames", ()):
            item.add_marker("shared")
        if FAULTS in item.path.parents:
            item.add_marker("fault")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if IN_CI and report.skipped and NEVER_SKIPPED_IN_CI & set(report.keywords):
        left_out.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if IN_CI and report.skipped:  # a whole module
        left_out.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if left_out and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for test in left_out:
        terminalreporter.write_line(f"left out, which CI does not allow: {test}", red=True)
