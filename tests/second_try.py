"""One second try for tests that drive a browser or a foreign process on a machine they share with others.

There a page or a process may be later than any wait of ours. The run's last line counts the second tries and names
them, and more than a few in one run are a failure. What the programme promises (order, loss, secrecy, decisions) is
tested elsewhere and has one try: there a failure once in a thousand runs is a fault found.
"""

from __future__ import annotations

from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_WITH_A_SECOND_TRY = (_HERE / "e2e", _HERE / "wenzheng", _HERE / "deploy")
_TRIES_A_RUN = 3


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("rerunfailures"):
        raise pytest.UsageError("pytest-rerunfailures is not installed here: python3 dev.py env")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE) and any(item.path.is_relative_to(folder) for folder in _WITH_A_SECOND_TRY):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.line(f"second try: {report.nodeid}\n{report.longreprtext[-2000:]}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and len(reporter.stats.get("rerun", ())) > _TRIES_A_RUN:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
