"""Whoever has read enough may go: that is no fault of the process that was read."""

from __future__ import annotations

import subprocess
import sys

from tests.services.server import ROOT


def test_a_reader_who_has_gone_ends_nothing() -> None:
    story = "from wenzheng.terminal import say; say('once\\n'); say('more\\n'); print('and at the end')"
    process = subprocess.Popen(
        [sys.executable, "-c", story], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(20) == 0
    process.stderr.close()
