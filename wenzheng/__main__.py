"""`python -m wenzheng` is the `wenzheng` command."""

from __future__ import annotations

import sys

from wenzheng.cli import main

sys.exit(main())
